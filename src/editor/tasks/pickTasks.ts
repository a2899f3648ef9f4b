import { taskLook, taskOfKey, type Task } from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import { rowsOf, taskKeyOfRow } from '../jobs/jobTargets.ts';
import type { Parts } from '../parts.ts';
import { pickOne } from '../vscode/prompts.ts';

export interface TaskQuestion {
  readonly title: string;
  /** Which tasks it makes sense for. */
  readonly fits: (task: Task) => boolean;
  /** Why none of the tasks fits. */
  readonly none: string;
}

/** The tasks that a command is for: of the rows it was called for, else one that the user picks. */
export async function tasksFor(
  args: readonly unknown[],
  { sessions }: Parts,
  { title, fits, none }: TaskQuestion,
): Promise<readonly Task[] | undefined> {
  const { tasks } = (await sessions.require()).tasks;
  const ids = [...new Set(rowsOf(args).flatMap((row) => taskOfRow(row) ?? []))];
  if (ids.length > 0) {
    const given = ids.flatMap((taskId) => tasks.get(taskId) ?? []).filter(fits);
    if (given.length === 0) throw new NothingToDo(none);
    return given;
  }
  if (tasks.size === 0) throw new NothingToDo('There are no tasks yet.');
  const fitting = [...tasks.values()].filter(fits).reverse();
  if (fitting.length === 0) throw new NothingToDo(none);
  const choices = fitting.map((task) => {
    const { codicon, word } = taskLook(task.state);
    return { label: `$(${codicon}) ${task.label}`, description: `${word} · ${task.taskId}`, value: task };
  });
  const picked = await pickOne(choices, { title, placeHolder: 'Task' });
  return picked === undefined ? undefined : [picked];
}

function taskOfRow(row: unknown): number | undefined {
  const key = taskKeyOfRow(row);
  return key === undefined ? undefined : taskOfKey(key);
}
