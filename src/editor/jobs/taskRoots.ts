import { isEarlierKey, taskKey, taskOfKey, type JobGroup, type TaskWatch } from '../../watch/index.ts';

/** Groups for tasks of which no job is known. */
export function bareTasks(
  tasks: TaskWatch['tasks'],
  groups: readonly JobGroup[],
  filter: string,
): readonly JobGroup[] {
  const words = filter.toLowerCase().split(/\s+/u);
  const known = new Set(groups.map(({ key }) => taskOfKey(key)));
  return [...tasks.values()].flatMap((task): JobGroup[] => {
    const { taskId, taskName, label, state } = task;
    const key = taskKey(taskId, taskName);
    const texts = [label, taskName, String(taskId), state ?? ''].map((text) => text.toLowerCase());
    if (known.has(taskId) || !words.every((word) => texts.some((text) => text.includes(word)))) return [];
    const empty = { size: 0, states: {}, cancelRequested: 0 };
    return [{ id: `submission:${key}`, grouping: 'submission', key, label, ...empty }];
  });
}

/** The submissions and tasks, as the store sorts them: the newest first, what has no key last. */
export function rootsWith(bare: readonly JobGroup[], groups: readonly JobGroup[]): readonly JobGroup[] {
  const tasks = new Set(groups.flatMap(({ key }) => (isEarlierKey(key) ? [] : [taskOfKey(key)])));
  // Of a task that is being tried again all attempts may have been followed, and none be there yet.
  const orphans = groups.filter(({ key }) => isEarlierKey(key) && !tasks.has(taskOfKey(key)));
  const own = groups.filter(({ key }) => !isEarlierKey(key));
  if (bare.length + orphans.length === 0) return own;
  return [...own, ...bare, ...orphans].sort(newestFirst);
}

function newestFirst({ key: one }: JobGroup, { key: other }: JobGroup): number {
  return one === other ? 0 : one < other ? 1 : -1;
}
