/** What a task is about, as far as its state tells. */
export type TaskPhase = 'preparing' | 'scouting' | 'active' | 'stopped' | 'ending' | 'final';

const PHASES = [
  ['registered', 'preparing'],
  ['defined', 'preparing'],
  ['assigning', 'preparing'],
  ['topreprocess', 'preparing'],
  ['preprocessing', 'preparing'],
  ['staging', 'preparing'],
  ['pending', 'preparing'],
  ['ready', 'preparing'],
  ['scouting', 'scouting'],
  ['scouted', 'scouting'],
  ['running', 'active'],
  ['throttled', 'active'],
  ['prepared', 'active'],
  ['merging', 'active'],
  ['rerefine', 'active'],
  ['toincexec', 'active'],
  ['toretry', 'active'],
  ['toreassign', 'active'],
  ['reassigning', 'active'],
  ['paused', 'stopped'],
  ['exhausted', 'stopped'],
  ['finishing', 'ending'],
  ['passed', 'ending'],
  ['aborting', 'ending'],
  ['toabort', 'ending'],
  ['tobroken', 'ending'],
  ['done', 'final'],
  ['finished', 'final'],
  ['failed', 'final'],
  ['aborted', 'final'],
  ['broken', 'final'],
] as const satisfies readonly (readonly [string, TaskPhase])[];

export type KnownTaskState = (typeof PHASES)[number][0];

/** A task's state as the server named it; a name we do not know is kept as it came. */
export type TaskState = KnownTaskState | (string & {});

/** The task engine's states in the order a monitor lists them. */
export const TASK_STATES: readonly KnownTaskState[] = PHASES.map(([state]) => state);

const phases: ReadonlyMap<string, TaskPhase> = new Map(PHASES);
const order: ReadonlyMap<string, number> = new Map(PHASES.map(([state], index) => [state, index]));

/** Null for a name we do not know. */
export function taskPhase(state: TaskState): TaskPhase | null {
  return phases.get(state) ?? null;
}

/**
 * True when nothing happens any more by itself: all input processed (`done`), some (`finished`), none (`failed`), killed
 * (`aborted`), or defined wrongly (`broken`). Unlike a job's, a task's final state may be left by a retry.
 */
export function isFinalTask(state: TaskState): boolean {
  return taskPhase(state) === 'final';
}

export function isKnownTaskState(state: string): state is KnownTaskState {
  return order.has(state);
}

/** Position for sorting; unknown names come last. */
export function taskStateOrder(state: TaskState): number {
  return order.get(state) ?? PHASES.length;
}
