/** PanDA's job states in the order a monitor lists them. */
export const JOB_STATES = [
  'pending',
  'defined',
  'waiting',
  'assigned',
  'throttled',
  'activated',
  'sent',
  'starting',
  'running',
  'holding',
  'transferring',
  'merging',
  'finished',
  'failed',
  'cancelled',
  'closed',
] as const;

export type KnownJobState = (typeof JOB_STATES)[number];

/** A job's state as the server named it; a name we do not know is kept as it came. */
export type JobState = KnownJobState | (string & {});

export const FINAL_STATES = [
  'finished',
  'failed',
  'cancelled',
  'closed',
] as const satisfies readonly KnownJobState[];

const finalStates: ReadonlySet<string> = new Set(FINAL_STATES);
const order: ReadonlyMap<string, number> = new Map(JOB_STATES.map((state, index) => [state, index]));

/** Final states never change again: a retry is a new PandaID. */
export function isFinal(state: JobState): boolean {
  return finalStates.has(state);
}

export function isKnownState(state: string): state is KnownJobState {
  return order.has(state);
}

/** Position for sorting; unknown names come last. */
export function stateOrder(state: JobState): number {
  return order.get(state) ?? JOB_STATES.length;
}
