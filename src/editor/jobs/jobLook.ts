import { isFinal, parseJobName, type JobState, type Profile } from '../../panda/index.ts';
import {
  describeCounts,
  describeJob,
  formatCount,
  formatDuration,
  isEarlierKey,
  plural,
  runTime,
  stateLook,
  taskOfKey,
  type Job,
  type JobGroup,
} from '../../watch/index.ts';
import { factTable, timeFact, type Fact } from '../factTable.ts';
import { codeSpan, escapeMarkdown } from '../markdown.ts';
import { emptyLook, moreLook, type Icon, type RowLook } from '../rowLook.ts';
import { contextValue, jobFacts } from './contextValue.ts';
import { displayOrder } from './displayOrder.ts';
import { taskGroupLook } from './taskLook.ts';
import type { GroupNode, JobNode, JobTree, RowNode, StateNode } from './jobTree.ts';

/** What a look depends on besides the row. */
export interface LookContext {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly monitor: boolean;
  readonly datacat: boolean;
  /** Outputs of jobs lie on this machine. */
  readonly outputsHere: boolean;
}

export function lookContext(profile: Profile, storageFolder: string | undefined, now: number): LookContext {
  const outputsHere = storageFolder !== undefined || profile.staging?.kind === 'folder';
  return { now, monitor: profile.monitor !== undefined, datacat: profile.datacat !== undefined, outputsHere };
}

export function lookOf(node: JobNode, tree: JobTree, context: LookContext): RowLook {
  switch (node.kind) {
    case 'job': {
      const job = tree.job(node);
      return job === undefined ? goneLook : jobLook(job, rowLabel(job, node, tree), context);
    }
    case 'group': {
      const group = tree.group(node);
      if (group === undefined) return goneLook;
      const isTask = taskOfKey(group.key) !== undefined && !isEarlierKey(group.key);
      return isTask
        ? taskGroupLook(group, tree.task(node), tree.earlierAttempts(node), context)
        : groupLook(group, node, tree);
    }
    case 'state':
      return stateGroupLook(node, tree);
    case 'more': {
      const { shown, total } = tree.page(node);
      return moreLook(`${formatCount(shown)} of ${formatCount(total)}`);
    }
  }
}

/** A row whose job left the store between two drawings; the next one takes it away. */
const goneLook: RowLook = { ...emptyLook, label: '…', spoken: 'No longer there' };

/** Jobs that are all called like their submission are told apart by their number. */
function rowLabel(job: Job, node: RowNode, tree: JobTree): string {
  const group = node.parent?.kind === 'state' ? node.parent.parent : node.parent;
  if (job.taskId !== null) return inTask(group, tree) ? `Job ${job.pandaId}` : `${job.name} ${job.pandaId}`;
  if (group === undefined || tree.group(group)?.label !== job.name) return job.name;
  const number = parseJobName(job.jobName)?.number;
  return number === undefined ? job.name : `${job.name} ${number}`;
}

/** Jobs of a task have no numbers of their own, and below the task need no name. */
function inTask(group: GroupNode | undefined, tree: JobTree): boolean {
  const key = group === undefined ? undefined : tree.group(group)?.key;
  return key !== undefined && taskOfKey(key) !== undefined;
}

function jobLook(job: Job, label: string, context: LookContext): RowLook {
  const look = stateLook(job.state, job.cancelRequested);
  const facts = describeJob(job, context.now);
  // A finished job needs no word beside its icon, and the text of a cancel says it itself.
  const named = job.state === 'finished' || job.cancelRequested;
  const can = jobFacts({
    state: job.state,
    cancelRequested: job.cancelRequested,
    submittedByUs: job.submissionId !== null,
    started: job.startTime !== null,
    outputsHere: context.outputsHere,
    monitor: context.monitor,
    datacat: context.datacat,
  });
  const description = named ? facts : [look.word, facts].filter((part) => part !== '').join(' · ');
  return {
    label,
    description,
    icon: { codicon: look.codicon, color: look.themeColor },
    tooltip: jobTooltip(job, context.now),
    contextValue: contextValue(can),
    expandable: can.files === true,
    spoken: `${label}, ${look.word}${facts === '' ? '' : `, ${facts.replaceAll(' · ', ', ')}`}`,
  };
}

function jobTooltip(job: Job, now: number): string {
  const look = stateLook(job.state, job.cancelRequested);
  const ran = runTime(job, now);
  const facts: readonly Fact[] = [
    ['PandaID', String(job.pandaId)],
    ['Site', job.site],
    ['Error', job.error],
    ['Created', timeFact(job.creationTime)],
    ['Started', timeFact(job.startTime)],
    ['Ended', timeFact(job.endTime)],
    [isFinal(job.state) ? 'Ran' : 'Running for', ran === null ? null : formatDuration(ran)],
    ['Last change', isFinal(job.state) ? null : timeFact(job.modificationTime)],
    ['Attempt', job.attempt > 1 ? String(job.attempt) : null],
  ];
  return [
    `**${escapeMarkdown(job.name)}** $(${look.codicon.replace('~spin', '')}) ${escapeMarkdown(look.word)}`,
    '',
    ...factTable(facts),
    '',
    codeSpan(job.jobName),
  ].join('\n');
}

function groupLook(group: JobGroup, node: GroupNode, tree: JobTree): RowLook {
  const counts = describeCounts(group.states);
  const cancelling =
    group.cancelRequested > 0 ? ` · ${formatCount(group.cancelRequested)} cancel requested` : '';
  const jobs = plural(group.size, 'job');
  const description =
    group.grouping === 'state'
      ? [formatCount(group.size), errorSummary(group.key, node, tree)].filter(Boolean).join(' · ')
      : `${jobs} · ${counts}${cancelling}`;
  return {
    label: group.label,
    description,
    icon: groupIcon(group),
    tooltip: [
      `**${escapeMarkdown(group.label)}**`,
      '',
      escapeMarkdown(`${jobs}: ${counts}${cancelling}`),
    ].join('\n'),
    contextValue: contextValue({
      kind: 'group',
      ...below(group, group.states, group.cancelRequested),
      submission: isSubmission(group),
    }),
    expandable: true,
    spoken: `${group.label}, ${jobs}, ${counts.replaceAll(' · ', ', ')}`,
  };
}

function stateGroupLook(node: StateNode, tree: JobTree): RowLook {
  const size = tree.size(node);
  const look = stateLook(node.state);
  const summary = errorSummary(node.state, node, tree);
  return {
    label: look.word,
    description: [formatCount(size), summary].filter((part) => part !== '').join(' · '),
    icon: { codicon: look.codicon, color: look.themeColor },
    tooltip: escapeMarkdown(`${plural(size, 'job')} ${look.word}${summary === '' ? '' : `: ${summary}`}`),
    contextValue: contextValue({
      kind: 'group',
      ...below(tree.group(node.parent), { [node.state]: size }, 0),
      submission: isSubmission(tree.group(node.parent)),
    }),
    expandable: true,
    spoken: `${look.word}, ${plural(size, 'job')}`,
  };
}

/** Jobs of other programs share one group without a key. */
function isSubmission(group: JobGroup | undefined): boolean {
  return group?.grouping === 'submission' && group.key !== '' && taskOfKey(group.key) === undefined;
}

/** What commands can do with the jobs below: those that did not finish can be submitted again, but for those of tasks. */
function below(
  group: JobGroup | undefined,
  states: JobGroup['states'],
  cancelRequested: number,
): { readonly cancellable: boolean; readonly resubmittable: boolean } {
  let inMotion = 0;
  let unfinished = 0;
  for (const [state, count] of Object.entries(states)) {
    if (!isFinal(state)) inMotion += count;
    else if (state !== 'finished') unfinished += count;
  }
  const isTask = taskOfKey(group?.key ?? '') !== undefined;
  return { cancellable: inMotion > cancelRequested, resubmittable: unfinished > 0 && !isTask };
}

/** The icon of what needs a look most: a failure shows also when the group is collapsed. */
function groupIcon(group: JobGroup): Icon {
  if (isEarlierKey(group.key)) return { codicon: 'history', color: 'descriptionForeground' };
  const state = mostUrgent(group.states);
  const look = stateLook(group.grouping === 'state' ? group.key : state);
  return { codicon: look.codicon, color: look.themeColor };
}

function mostUrgent(states: JobGroup['states']): JobState {
  const present = Object.keys(states).filter((state) => (states[state] ?? 0) > 0);
  const [first] = present.sort((one, other) => urgency(one) - urgency(other));
  return first ?? 'unknown';
}

function urgency(state: JobState): number {
  return isFinal(state) && state !== 'failed' ? 1000 + displayOrder(state) : displayOrder(state);
}

/** Beyond so many failed jobs the kinds of errors are not counted. */
const ERRORS_COUNTED_UP_TO = 2000;

/** `trans:20 ×5, pilot:1305 ×2`: the commonest errors of the failed jobs below a node. */
function errorSummary(state: JobState, node: GroupNode | StateNode, tree: JobTree): string {
  if (state !== 'failed' || tree.size(node) > ERRORS_COUNTED_UP_TO) return '';
  const counts = new Map<string, number>();
  for (const pandaId of tree.jobsBelow(node, ERRORS_COUNTED_UP_TO)) {
    const error = tree.store.get(pandaId)?.error;
    if (error !== null && error !== undefined) counts.set(error, (counts.get(error) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  const named = sorted.slice(0, 3).map(([error, count]) => `${error} ×${formatCount(count)}`);
  return [...named, ...(sorted.length > 3 ? ['…'] : [])].join(', ');
}
