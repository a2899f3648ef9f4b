import type { DaemonCallError, HeldCounts, HeldJob, HeldStatus, HeldTasks } from '../../pipeline/index.ts';
import { formatCount, formatDuration, plural, stateLook } from '../../watch/index.ts';
import { timeFact, titledTable } from '../factTable.ts';
import { contextValue } from '../jobs/contextValue.ts';
import { moreLook, noteLook, type Icon, type RowLook } from '../rowLook.ts';
import type { DaemonNode, DaemonTree } from './daemonTree.ts';

/** What is known of a daemon besides its rows. */
export interface DaemonSight {
  /** Its connection file. */
  readonly file: string;
  /** Why it could not be asked last; undefined where it could. */
  readonly trouble: DaemonCallError | undefined;
}

/** What needs a look first, then in the order in which they follow each other. */
const ORDER: readonly HeldStatus[] = [
  ...(['FAILED', 'REFUSED', 'UNKNOWN', 'RUNNING', 'SUBMITTING', 'PENDING', 'WAITING'] as const),
  ...(['SUSPENDED', 'DONE'] as const),
];
const OVER: ReadonlySet<HeldStatus> = new Set(['FAILED', 'REFUSED', 'DONE']);
/** PanDA has them, and can end them. */
const CANCELLABLE = ORDER.filter((status) => !OVER.has(status) && status !== 'SUBMITTING');

/** `1 failed · 2 running · 6 done`. */
function describeHeld(counts: HeldCounts): string {
  return ORDER.filter((status) => (counts[status] ?? 0) > 0)
    .map((status) => `${formatCount(counts[status] ?? 0)} ${status.toLowerCase()}`)
    .join(' · ');
}

/** Jobs that a cancel is for. */
export function cancellableIn(counts: HeldCounts): number {
  return CANCELLABLE.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}

/** `now`: epoch milliseconds. Undefined for a row that went since the tree was drawn. */
export function daemonLook(
  node: DaemonNode,
  tree: DaemonTree,
  sight: DaemonSight,
  now: number,
): RowLook | undefined {
  switch (node.kind) {
    case 'daemon':
      return rootLook(tree.tasks, sight);
    case 'heldTask': {
      const found = tree.task(node);
      if (found === undefined) return undefined;
      const users = new Set(tree.tasks?.tasks.map(({ user }) => user));
      const icon = { codicon: 'type-hierarchy-sub', color: undefined };
      return groupLook('heldTask', node.task, users.size > 1 ? node.user : '', found.counts, icon);
    }
    case 'heldStream': {
      const found = tree.stream(node);
      if (found === undefined) return undefined;
      return groupLook('heldStream', `Stream ${node.stream}`, '', found.counts, streamIcon(found.counts));
    }
    case 'heldJob': {
      const job = tree.job(node);
      return job === undefined ? undefined : jobLook(job, now);
    }
    case 'note':
      return noteLook(node.text);
    case 'moreHeld': {
      const { shown, total } = tree.page(node.parent);
      return moreLook(`${formatCount(shown)} of ${formatCount(total)}`);
    }
  }
}

const TROUBLES: Readonly<Record<DaemonCallError['trouble'], string>> = {
  absent: 'does not run',
  notRunning: 'does not run',
  silent: 'does not answer',
  denied: 'does not take the token',
  unreadable: 'may not be asked',
  refused: 'refuses',
};

function rootLook(tasks: HeldTasks | undefined, sight: DaemonSight): RowLook {
  const label = 'Job control daemon';
  const counts = sumOf(tasks);
  const description = rootFacts(tasks, counts, sight).join(' · ');
  const isGood = sight.trouble === undefined && (tasks?.status ?? 'OK') === 'OK';
  return {
    label,
    description,
    icon: isGood
      ? { codicon: 'server-process', color: undefined }
      : { codicon: 'warning', color: 'list.warningForeground' },
    tooltip: titledTable(label, [
      ['Connection', sight.file],
      ['Trouble', troubleText(sight.trouble)],
      ['Status', tasks?.status ?? null],
      ['Running since', timeFact(tasks?.startTime ?? null)],
      ['Jobs', describeHeld(counts)],
      ['Mails', tasks === undefined ? null : mailCounts(tasks)],
    ]),
    contextValue: contextValue({ kind: 'daemon' }),
    expandable: true,
    spoken: spoken([label, description]),
  };
}

function rootFacts(
  tasks: HeldTasks | undefined,
  counts: HeldCounts,
  { trouble }: DaemonSight,
): readonly string[] {
  if (trouble !== undefined) return [TROUBLES[trouble.trouble]];
  if (tasks === undefined) return ['asking'];
  const waiting = tasks.mails?.waiting ?? 0;
  const mails = waiting === 0 ? '' : `${plural(waiting, 'mail')} waiting`;
  return [describeHeld(counts), mails].filter((fact) => fact !== '');
}

function troubleText(trouble: DaemonSight['trouble']): string | null {
  return trouble === undefined ? null : `${trouble.message}. ${trouble.advice}.`;
}

function mailCounts({ mails }: HeldTasks): string {
  if (mails === null) return 'none are wanted';
  const { sent, waiting, sending } = mails;
  return `${formatCount(sent)} sent, ${formatCount(waiting)} waiting, ${formatCount(sending)} in doubt`;
}

function sumOf(tasks: HeldTasks | undefined): HeldCounts {
  const sum: Partial<Record<HeldStatus, number>> = {};
  for (const { counts } of tasks?.tasks ?? []) {
    for (const status of ORDER) {
      const more = counts[status] ?? 0;
      if (more > 0) sum[status] = (sum[status] ?? 0) + more;
    }
  }
  return sum;
}

function groupLook(
  kind: 'heldTask' | 'heldStream',
  label: string,
  user: string,
  counts: HeldCounts,
  icon: Icon,
): RowLook {
  const description = [user, describeHeld(counts)].filter((fact) => fact !== '').join(' · ');
  return {
    label,
    description,
    icon,
    tooltip: titledTable(label, [
      ['User', user],
      ['Jobs', describeHeld(counts)],
    ]),
    contextValue: contextValue({ kind, cancellable: cancellableIn(counts) > 0 }),
    expandable: true,
    spoken: spoken([label, description]),
  };
}

function streamIcon(counts: HeldCounts): Icon {
  const holds = (status: HeldStatus): boolean => (counts[status] ?? 0) > 0;
  if (holds('RUNNING')) return iconOf('running');
  if (ORDER.some((status) => !OVER.has(status) && holds(status))) return iconOf('activated');
  return iconOf(holds('FAILED') || holds('REFUSED') ? 'failed' : 'finished');
}

function jobLook(job: HeldJob, now: number): RowLook {
  const { process, instance, status, state, cancelRequested, pandaId } = job;
  const label = process === '' ? `Process instance ${instance}` : process;
  const facts = jobFacts(job, now);
  const over = OVER.has(status);
  return {
    label,
    description: facts.join(' · '),
    icon: iconOf(state ?? STATES[status] ?? 'pending', cancelRequested && !over),
    tooltip: jobTooltip(label, job),
    contextValue: contextValue({
      kind: 'heldJob',
      cancellable: CANCELLABLE.includes(status) && !cancelRequested,
      pandaJob: pandaId !== null,
    }),
    expandable: false,
    spoken: spoken([label, status === 'DONE' ? 'done' : '', ...facts]),
  };
}

/** States of PanDA's that look as jobs which PanDA has said nothing of. */
const STATES: Readonly<Partial<Record<HeldStatus, string>>> = { REFUSED: 'failed', SUBMITTING: 'activated' };

function jobFacts(job: HeldJob, now: number): readonly string[] {
  const { status, state, exitCode, pandaId, streamPath, execution, started, ended } = job;
  const word = status.toLowerCase();
  const facts = [
    // What is done needs no word beside its icon.
    status === 'DONE' ? '' : word,
    status === 'DONE' || state === null || state === word ? '' : state,
    job.cancelRequested ? 'cancel requested' : '',
    status === 'FAILED' && exitCode !== null ? `exit code ${exitCode}` : '',
    pandaId === null ? '' : String(pandaId),
    streamPath.includes('.') ? `substream ${streamPath}` : '',
    ['', '1'].includes(execution) ? '' : `execution ${execution}`,
    started === null ? '' : formatDuration((ended ?? now) - started),
  ];
  return facts.filter((fact) => fact !== '');
}

function jobTooltip(label: string, job: HeldJob): string {
  const { status, state, pandaId, exitCode, mails } = job;
  return titledTable(label, [
    ['Process instance', job.instance],
    ['Stream', job.streamPath],
    ['Execution', job.execution],
    ['State', status.toLowerCase()],
    ['State in PanDA', state],
    ['PandaID', pandaId === null ? null : String(pandaId)],
    ['Site', job.site],
    ['Host', job.host],
    ['Exit code', exitCode === null ? null : String(exitCode)],
    ['Trouble', job.problem],
    ['Asked for', timeFact(job.received)],
    ['Submitted', timeFact(job.submitted)],
    ['Started', timeFact(job.started)],
    ['Ended', timeFact(job.ended)],
    ['Start mail', mails.start ?? 'none yet'],
    ['End mail', mails.end ?? 'none yet'],
  ]);
}

function iconOf(state: string, cancelRequested = false): Icon {
  const { codicon, themeColor } = stateLook(state, cancelRequested);
  return { codicon, color: themeColor };
}

function spoken(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .join(', ')
    .replaceAll(' · ', ', ');
}
