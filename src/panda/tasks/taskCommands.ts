import { TASK_STATES } from './taskStates.ts';
import type { KnownTaskState, TaskState } from './taskStates.ts';

/** Commands to a task, as the client's methods are called. */
export type TaskCommand =
  | 'kill'
  | 'finish'
  | 'retry'
  | 'retryWithNewParameters'
  | 'reloadInput'
  | 'killUnfinishedJobs'
  | 'increaseAttempts'
  | 'pause'
  | 'resume';

/** What a command needs of the task and of who gives it. */
export interface TaskCommandRule {
  readonly states: ReadonlySet<TaskState>;
  /** States in which only the production role may give it. */
  readonly productionStates: ReadonlySet<TaskState>;
}

const all = (states: readonly KnownTaskState[]): ReadonlySet<TaskState> => new Set(states);
const allBut = (states: readonly KnownTaskState[]): ReadonlySet<TaskState> =>
  new Set(TASK_STATES.filter((state) => !states.includes(state)));
const nobody: ReadonlySet<TaskState> = new Set();
const everywhere: ReadonlySet<TaskState> = new Set(TASK_STATES);

/** States in which a task has ended or ends by itself, so that it can neither be killed nor finished. */
export const ENDED_TASK_STATES: readonly KnownTaskState[] = [
  'finished',
  'done',
  'prepared',
  'broken',
  'aborted',
  'toabort',
  'aborting',
  'failed',
];
/** In these a retry does not start the task again but its failed jobs, for tasks of users. */
const AT_WORK: readonly KnownTaskState[] = ['running', 'scouting', 'pending'];

const RULES: Readonly<Record<TaskCommand, TaskCommandRule>> = {
  kill: { states: allBut(ENDED_TASK_STATES), productionStates: nobody },
  finish: { states: allBut(ENDED_TASK_STATES), productionStates: nobody },
  retry: {
    states: all(['finished', 'failed', 'exhausted', ...AT_WORK]),
    productionStates: all(['exhausted']),
  },
  retryWithNewParameters: {
    states: all(['finished', 'failed', 'aborted', 'done', 'exhausted', ...AT_WORK]),
    productionStates: nobody,
  },
  reloadInput: {
    states: all(['finished', 'failed', 'aborted', 'done', 'exhausted']),
    productionStates: nobody,
  },
  killUnfinishedJobs: { states: everywhere, productionStates: nobody },
  increaseAttempts: {
    states: all(['running', 'scouting', 'ready']),
    productionStates: everywhere,
  },
  pause: {
    states: allBut(['finished', 'failed', 'done', 'aborted', 'broken', 'paused']),
    productionStates: everywhere,
  },
  resume: { states: all(['paused', 'throttled', 'staging']), productionStates: everywhere },
};

/** The states a server takes a command in, and those that need the production role (panda-server 2026-08). */
export function taskCommandRule(command: TaskCommand): TaskCommandRule {
  return RULES[command];
}

/**
 * Whether a task in this state takes a command, as far as we know: in a state whose name we do not know every command is
 * left to the server to judge.
 */
export function takesCommand(state: TaskState, command: TaskCommand): boolean {
  return !everywhere.has(state) || RULES[command].states.has(state);
}
