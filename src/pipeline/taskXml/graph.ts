import type { Process, Task } from './model.ts';

/** Where a dependency leads. */
export interface DependencyTarget {
  readonly process: Process;
  /** Names of the tasks on the way down from the task that the dependency stands in; none for a sibling. */
  readonly way: readonly string[];
}

/** Names that a path like `subtask.process` leads to, from a task down; undefined where there is no such process. */
export function findProcess(task: Task, path: string): DependencyTarget | undefined {
  const names = path.split('.');
  const name = names.pop() ?? '';
  let at: Task | undefined = task;
  for (const step of names) at = at?.tasks.find((candidate) => candidate.name === step);
  const process = at?.processes.find((candidate) => candidate.name === name);
  return process === undefined ? undefined : { process, way: names };
}

/** The subtask that a name in `createsSubtasks` means: one below this task, or a path to one further down. */
export function findSubtask(task: Task, path: string): Task | undefined {
  let at: Task | undefined = task;
  for (const step of path.split('.')) at = at?.tasks.find((candidate) => candidate.name === step);
  return at;
}

/** The processes of a task that make substreams of one of its subtasks. */
export function creatorsOf(task: Task, subtask: string): readonly Process[] {
  return task.processes.filter(({ createsSubtasks }) =>
    createsSubtasks.some(({ name }) => name.split('.')[0] === subtask),
  );
}

/**
 * What must have ended before each process of a task starts, as names of siblings: those it names, those that name it in
 * `before`, and the makers of substreams where it waits for a process in one.
 */
export function predecessors(task: Task): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>(task.processes.map(({ name }) => [name, new Set<string>()]));
  const link = (name: string, path: string): void => {
    const target = findProcess(task, path);
    if (target === undefined) return;
    const [subtask] = target.way;
    if (subtask === undefined) found.get(name)?.add(target.process.name);
    else for (const creator of creatorsOf(task, subtask)) found.get(name)?.add(creator.name);
  };
  for (const { name, after, before } of task.processes) {
    for (const { process } of after) link(name, process);
    for (const { process } of before) if (found.has(process)) link(process, name);
  }
  return found;
}

/** Names of processes that wait for each other in a circle, in order; undefined where there is none. */
export function findCircle(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of edges.keys()) {
    const trail: { name: string; rest: string[] }[] = [{ name: start, rest: [...(edges.get(start) ?? [])] }];
    while (trail.length > 0) {
      const top = trail.at(-1);
      const next = top?.rest.pop();
      if (next === undefined) {
        done.add(trail.pop()?.name ?? '');
        continue;
      }
      if (done.has(next)) continue;
      const names = trail.map(({ name }) => name);
      if (names.includes(next)) return [...names.slice(names.indexOf(next)), next].reverse();
      trail.push({ name: next, rest: [...(edges.get(next) ?? [])] });
    }
  }
  return undefined;
}
