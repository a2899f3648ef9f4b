import type { InstanceSnapshot, PipelineSnapshot, StreamSnapshot } from '../../pipeline/index.ts';
import { instanceLook } from '../../pipeline/states/index.ts';
import { formatCount, formatDuration, plural } from '../../watch/index.ts';
import { contextValue } from '../jobs/contextValue.ts';
import { timeFact, titledTable } from '../factTable.ts';
import { moreLook, type RowLook } from '../rowLook.ts';
import { describeInstances, instanceIcon, isOver } from './instanceState.ts';
import type { PipelineNode, PipelineTree } from './pipelineTree.ts';

/** What is known of a run besides its rows. */
export interface RunFacts {
  /** The name of its task file, or the address of its daemon. */
  readonly name: string;
  readonly running: boolean;
  /** What keeps it from going on, or what ended it; undefined where nothing does. */
  readonly trouble: string | undefined;
}

/** `now`: epoch milliseconds. Undefined for a row that went since the tree was drawn. */
export function pipelineLook(
  node: PipelineNode,
  tree: PipelineTree,
  run: RunFacts,
  now: number,
): RowLook | undefined {
  switch (node.kind) {
    case 'run':
      return runLook(tree, run);
    case 'stream': {
      const stream = tree.stream(node);
      return stream === undefined ? undefined : streamLook(stream);
    }
    case 'instance': {
      const instance = tree.instance(node);
      return instance === undefined ? undefined : processLook(instance, now);
    }
    case 'more': {
      const { shown, total } = tree.page(node.parent);
      return moreLook(`${formatCount(shown)} of ${formatCount(total)}`);
    }
  }
}

function runLook({ snapshot }: PipelineTree, run: RunFacts): RowLook {
  const label = snapshot?.task ?? run.name;
  const description = (
    snapshot === undefined ? [run.running ? 'starting' : 'stopped'] : runFacts(snapshot, run)
  )
    .concat(run.trouble ?? [])
    .join(' · ');
  const over = snapshot !== undefined && isOver(snapshot.counts);
  return {
    label,
    description,
    icon: { codicon: 'type-hierarchy-sub', color: undefined },
    tooltip: runTooltip(label, snapshot, run),
    contextValue: contextValue({
      kind: 'pipelineRun',
      underWay: run.running,
      removable: !run.running,
      stopped: !run.running && !over,
      cancellable: run.running && snapshot !== undefined && !over,
      rollable: over,
    }),
    expandable: true,
    spoken: `${label}, ${description.replaceAll(' · ', ', ')}`,
  };
}

function runFacts({ streams, counts, mails }: PipelineSnapshot, { running }: RunFacts): readonly string[] {
  const came = mails.started + mails.ended;
  const facts = [
    running || isOver(counts) ? '' : 'stopped',
    plural(streams.length, 'stream'),
    describeInstances(counts),
    came > 0 ? plural(came, 'mail') : '',
    repeatedWords(mails.repeated),
  ];
  return facts.filter((fact) => fact !== '');
}

function repeatedWords(count: number): string {
  return count === 0 ? '' : `${plural(count, 'mail')} repeated`;
}

function runTooltip(
  label: string,
  snapshot: PipelineSnapshot | undefined,
  { name, trouble }: RunFacts,
): string {
  const file = ['Task file', name] as const;
  const what = ['Trouble', trouble ?? null] as const;
  if (snapshot === undefined) return titledTable(label, [file, what]);
  const { started, ended, repeated, refused } = snapshot.mails;
  const mails = [plural(started, 'start mail'), plural(ended, 'end mail')];
  if (repeated > 0) mails.push(`${formatCount(repeated)} repeated`);
  if (refused > 0) mails.push(`${formatCount(refused)} refused`);
  return titledTable(label, [
    file,
    ['Version', snapshot.version],
    ['Process instances', describeInstances(snapshot.counts)],
    ['Mails', mails.join(', ')],
    what,
    ...snapshot.notes.slice(0, 10).map((note) => ['Note', note] as const),
  ]);
}

function streamLook(stream: StreamSnapshot): RowLook {
  const number = stream.path.split('.').at(-1) ?? stream.path;
  const task = stream.task.split('.').at(-1) ?? stream.task;
  const label = stream.path === number ? `Stream ${number}` : `${task} ${number}`;
  const description = describeInstances(stream.counts);
  return {
    label,
    description,
    icon: instanceIcon(stream.state),
    tooltip: titledTable(label, [
      ['Task', stream.task],
      ['Stream', stream.path],
      ['Process instances', description],
    ]),
    contextValue: contextValue({
      kind: 'stream',
      cancellable: !isOver(stream.counts),
      rollable: isOver(stream.counts),
    }),
    expandable: true,
    spoken: `${label}, ${instanceLook(stream.state).word}, ${description.replaceAll(' · ', ', ')}`,
  };
}

function processLook(instance: InstanceSnapshot, now: number): RowLook {
  const { process, state, jobId } = instance;
  const over = isOver({ [state]: 1 });
  const facts = instanceFacts(instance, now);
  return {
    label: process,
    // A success needs no word beside its icon.
    description: (state === 'SUCCESS' ? facts : [instanceLook(state).word, ...facts]).join(' · '),
    icon: instanceIcon(state),
    tooltip: instanceTooltip(instance),
    contextValue: contextValue({
      kind: 'instance',
      cancellable: !over && state !== 'CANCELING',
      rollable: over,
      pandaJob: jobId !== null,
    }),
    expandable: false,
    spoken: [process, instanceLook(state).word, ...facts].join(', '),
  };
}

function instanceFacts(instance: InstanceSnapshot, now: number): readonly string[] {
  const { state, exitCode, jobId, execution, started, ended, mails } = instance;
  const runs = state === 'RUNNING' || isOver({ [state]: 1 });
  const facts = [
    state === 'FAILED' && exitCode !== null ? `exit code ${exitCode}` : '',
    jobId ?? '',
    execution > 1 ? `execution ${execution}` : '',
    runs && started !== null ? formatDuration((ended ?? now) - started) : '',
    repeatedWords(mails.repeated),
  ];
  return facts.filter((fact) => fact !== '');
}

function instanceTooltip(instance: InstanceSnapshot): string {
  const { process, execution, earlier, mails, type } = instance;
  const again = mails.repeated === 0 ? '' : `${formatCount(mails.repeated)} repeated`;
  const came = [mails.start ? 'start' : '', mails.end ? 'end' : '', again].filter((one) => one !== '');
  const before = earlier.map((one) => instanceLook(one).word).join(', ');
  return titledTable(process, [
    ['Process instance', String(instance.key)],
    ['State', instanceLook(instance.state).word],
    ['Type', type.toLowerCase()],
    ['PandaID', instance.jobId],
    ['Status of the job', instance.jobStatus],
    ['Exit code', instance.exitCode === null ? null : String(instance.exitCode)],
    ['Message', instance.message],
    ['Host', instance.host],
    ['Execution', execution > 1 ? `${execution}, after ${before}` : null],
    ['Created', timeFact(instance.created)],
    ['Started', timeFact(instance.started)],
    ['Ended', timeFact(instance.ended)],
    ['Mails', type === 'SCRIPT' ? null : came.join(', ') || 'none yet'],
  ]);
}
