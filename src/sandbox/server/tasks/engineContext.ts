import type { ServerContext } from '../context.ts';
import type { StoredTask } from '../store/taskTables.ts';
import type { TaskStore } from '../store/tasks.ts';

export type EngineParts = Pick<ServerContext, 'store' | 'sites' | 'now'> & {
  /** Milliseconds from a submission, or a command, to the engine's taking it up. */
  readonly delay: number;
  /** Milliseconds between two steps while something is to be done. */
  readonly interval: number;
  /** Jobs were made and are `defined`. */
  readonly submitted: () => void;
  readonly url: () => string;
};

/** What the steps work with. */
export interface EngineContext extends EngineParts {
  readonly tasks: TaskStore;
}

export const FINAL = ['done', 'finished', 'failed', 'aborted', 'broken'] as const;

export function move(
  { tasks, now }: EngineContext,
  task: StoredTask,
  status: string,
  errorDialog: string | null = null,
): void {
  const end = FINAL.some((state) => state === status) ? { endTime: now() } : {};
  tasks.update(task, { status, superStatus: superStatusOf(status), errorDialog, ...end }, now());
}

/** What bookkeeping shows: coarser than the state. */
export function superStatusOf(status: string): string {
  const isWork = [
    'aborting',
    'toabort',
    'finishing',
    'passed',
    'toretry',
    'toincexec',
    'rerefine',
    'toreassign',
  ];
  if (isWork.includes(status) || status === 'reassigning' || status === 'pending') return 'running';
  return status === 'defined' ? 'registered' : status;
}
