import { isFinal, isFinalTask } from '../../panda/index.ts';
import {
  describeCounts,
  formatCount,
  plural,
  type JobGroup,
  type JobStore,
  type Task,
} from '../../watch/index.ts';

/** A submission made here that the user wants to hear the end of. */
export interface Watched {
  readonly submissionId: string;
  readonly name: string;
  readonly profile: string;
  /** Jobs that PanDA accepted: the end is when so many have ended. */
  readonly count: number;
  /** The task that it is, which makes its jobs by itself: the end is that of the task. */
  readonly taskId?: number;
}

/** How a submission ended. */
export interface Ended {
  readonly watched: Watched;
  readonly states: JobGroup['states'];
}

/** Those of the watched submissions that have ended, by what the store knows. */
export function findEnded(watched: readonly Watched[], store: JobStore): readonly Ended[] {
  if (watched.length === 0) return [];
  const groups = new Map(store.groups('submission', '').map((group) => [group.key, group]));
  return watched.flatMap((one) => {
    const group = groups.get(one.submissionId);
    return group !== undefined && hasEnded(group, one.count) ? [{ watched: one, states: group.states }] : [];
  });
}

function hasEnded(group: JobGroup, count: number): boolean {
  const states = Object.entries(group.states).filter(([, number]) => number > 0);
  return group.size >= count && states.every(([state]) => isFinal(state));
}

export interface EndText {
  readonly kind: 'information' | 'warning';
  readonly text: string;
}

/** One sentence for all that ended since the last one: `3 of 5 jobs of sweep finished, 2 failed`. */
export function endText(ended: readonly Ended[]): EndText {
  const total = (state: string): number => ended.reduce((sum, { states }) => sum + (states[state] ?? 0), 0);
  const jobs = ended.reduce((sum, { states }) => sum + sumOf(states), 0);
  const failed = total('failed');
  const finished = total('finished');
  const other = jobs - failed - finished;
  const rest = [
    failed > 0 ? `${formatCount(failed)} failed` : '',
    other > 0 ? `${formatCount(other)} cancelled` : '',
  ];
  const kind = failed > 0 ? 'warning' : 'information';
  const [first] = ended;
  if (ended.length === 1 && first !== undefined && jobs === 1) {
    return {
      kind,
      text: `${first.watched.name} ${failed > 0 ? 'failed' : finished > 0 ? 'finished' : 'was cancelled'}`,
    };
  }
  const of =
    ended.length === 1 && first !== undefined ? first.watched.name : plural(ended.length, 'submission');
  const count =
    finished === jobs ? `All ${formatCount(jobs)}` : `${formatCount(finished)} of ${formatCount(jobs)}`;
  return {
    kind,
    text: [`${count} jobs of ${of} finished`, ...rest].filter((part) => part !== '').join(', '),
  };
}

function sumOf(states: JobGroup['states']): number {
  return Object.values(states).reduce((sum, count) => sum + count, 0);
}

/** A task that has ended, or that does nothing more until it is retried. */
export interface EndedTask {
  readonly watched: Watched;
  readonly task: Task;
}

/** Those of the watched tasks that have ended. */
export function findEndedTasks(
  watched: readonly Watched[],
  tasks: ReadonlyMap<number, Task>,
): readonly EndedTask[] {
  return watched.flatMap((one) => {
    const task = one.taskId === undefined ? undefined : tasks.get(one.taskId);
    const state = task?.state ?? null;
    const isOver = state !== null && (isFinalTask(state) || state === 'exhausted');
    return task !== undefined && isOver ? [{ watched: one, task }] : [];
  });
}

const TASK_ENDS: Readonly<Record<string, string>> = {
  done: 'is done',
  finished: 'finished, but not all of it',
  failed: 'failed',
  aborted: 'was killed',
  broken: 'is broken',
  exhausted: 'is exhausted, and waits for a retry',
};

/** `Task shear finished, but not all of it: 2 finished, 1 failed`. */
export function taskEndText({ watched: { name }, task: { state, inputs } }: EndedTask): EndText {
  const counts = state === 'done' ? '' : describeCounts(inputs).replaceAll(' · ', ', ');
  return {
    kind: state === 'done' || state === 'aborted' ? 'information' : 'warning',
    text: `Task ${name} ${TASK_ENDS[state ?? ''] ?? `is ${String(state)}`}${counts === '' ? '' : `: ${counts}`}`,
  };
}
