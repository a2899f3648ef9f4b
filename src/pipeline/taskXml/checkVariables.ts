import { inspect } from './expression.ts';
import type { Process, Task, TaskFile } from './model.ts';
import type { Problems } from './problems.ts';
import type { TextPlace } from './xmlTree.ts';

/** Expressions that are not understood, and names that are declared nowhere. */
export function checkVariables(file: TaskFile, problems: Problems): void {
  const told = new Set<string>();
  const names = new Set(file.variables.map(({ name }) => name));
  const check = (text: string, place: TextPlace, known: ReadonlySet<string>): void => {
    const { names: used, faults } = inspect(text);
    for (const fault of faults) {
      problems.warning(
        place,
        'expression',
        `An expression stays as it is, as ${fault}: ${text.trim().slice(0, 60)}`,
      );
    }
    for (const name of used) {
      if (known.has(name) || name.startsWith('pipeline.') || told.has(name)) continue;
      told.add(name);
      problems.information(
        place,
        'variable-undeclared',
        `Variable ${name} is declared nowhere; it has to be given when the stream is created, or set by a process before`,
      );
    }
  };
  for (const { value, place } of file.variables) check(value, place, names);
  for (const task of file.tasks) checkTask(task, names, check);
}

type Check = (text: string, place: TextPlace, known: ReadonlySet<string>) => void;

function checkTask(task: Task, outer: ReadonlySet<string>, check: Check): void {
  const known = new Set([
    ...outer,
    ...task.variables.map(({ name }) => name),
    ...task.prerequisites.map(({ name }) => name),
  ]);
  for (const { value, place } of task.variables) check(value, place, known);
  for (const process of task.processes) checkProcess(process, known, check);
  for (const subtask of task.tasks) checkTask(subtask, known, check);
}

function checkProcess(process: Process, outer: ReadonlySet<string>, check: Check): void {
  const { run, variables, place } = process;
  const known = new Set([...outer, ...variables.map(({ name }) => name)]);
  for (const { value, place: at } of variables) check(value, at, known);
  check(process.site, place, known);
  check(process.autoRetryMaxAttempts, place, known);
  if (run.kind !== 'job') return;
  check(run.executable, run.place, known);
  for (const value of run.attributes.values()) check(value, run.place, known);
  for (const { value, place: at } of run.environment) check(value, at, known);
}
