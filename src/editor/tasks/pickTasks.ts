import { taskLook, taskOfKey, type Task } from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { pickOne } from '../vscode/prompts.ts';

export interface TaskQuestion {
  readonly title: string;
  /** Which tasks it makes sense for. */
  readonly fits: (task: Task) => boolean;
  /** Why there is nothing to pick from. */
  readonly none: string;
}

/** The tasks that a command is for: of the rows it was called for, else one that the user picks. */
export async function tasksFor(
  args: readonly unknown[],
  { sessions }: Parts,
  { title, fits, none }: TaskQuestion,
): Promise<readonly Task[] | undefined> {
  const { tasks } = (await sessions.require()).tasks;
  const [clicked, selected] = args;
  const rows: readonly unknown[] = Array.isArray(selected) && selected.length > 0 ? selected : [clicked];
  const ids = [...new Set(rows.flatMap((row) => taskOfRow(row) ?? []))];
  if (ids.length > 0) {
    const given = ids.flatMap((taskId) => tasks.get(taskId) ?? []).filter(fits);
    if (given.length === 0) throw new NothingToDo(none);
    return given;
  }
  const fitting = [...tasks.values()].filter(fits).reverse();
  if (fitting.length === 0) throw new NothingToDo(none);
  const choices = fitting.map((task) => {
    const { codicon, word } = taskLook(task.state);
    return { label: `$(${codicon}) ${task.label}`, description: `${word} · ${task.taskId}`, value: task };
  });
  const picked = await pickOne(choices, { title, placeHolder: 'Task' });
  return picked === undefined ? undefined : [picked];
}

/** A row of the tree is known by the id of its group. */
function taskOfRow(row: unknown): number | undefined {
  if (typeof row !== 'object' || row === null || !('id' in row) || typeof row.id !== 'string')
    return undefined;
  const [grouping, key = ''] = row.id.split(':', 2);
  return grouping === 'submission' ? taskOfKey(key) : undefined;
}
