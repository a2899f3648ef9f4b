/** States of a process instance, as the pipeline names them. */
export const INSTANCE_STATES = [
  'WAITING',
  'READY',
  'QUEUED',
  'SUBMITTED',
  'RUNNING',
  'CANCELING',
  'SUCCESS',
  'FAILED',
  'TERMINATED',
  'CANCELED',
  'SKIPPED',
] as const;
export type InstanceState = (typeof INSTANCE_STATES)[number];

const FINAL: ReadonlySet<InstanceState> = new Set(['SUCCESS', 'FAILED', 'TERMINATED', 'CANCELED', 'SKIPPED']);
/** States of a job that takes one of the places for jobs. */
const WITH_JOB: ReadonlySet<InstanceState> = new Set(['QUEUED', 'SUBMITTED', 'RUNNING', 'CANCELING']);

export function isFinalState(state: InstanceState): boolean {
  return FINAL.has(state);
}

export function hasJob(state: InstanceState): boolean {
  return WITH_JOB.has(state);
}

/** How often each state occurs, without those that do not. */
export type StateCounts = Readonly<Partial<Record<InstanceState, number>>>;

export function countStates(states: Iterable<InstanceState>): StateCounts {
  const counts: Partial<Record<InstanceState, number>> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/**
 * The state of a stream, from those of its process instances and substreams: RUNNING until all have ended, then SUCCESS
 * only where all have it.
 */
export function streamState(counts: StateCounts): InstanceState {
  const states = INSTANCE_STATES.filter((state) => (counts[state] ?? 0) > 0);
  const active = states.filter((state) => !isFinalState(state));
  if (active.length > 0) return states.every((state) => state === 'WAITING') ? 'WAITING' : 'RUNNING';
  if (states.every((state) => state === 'SUCCESS')) return 'SUCCESS';
  return (
    (['FAILED', 'TERMINATED', 'CANCELED', 'SKIPPED'] as const).find((state) => states.includes(state)) ??
    'FAILED'
  );
}
