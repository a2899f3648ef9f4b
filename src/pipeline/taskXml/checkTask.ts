import { nearest } from '../../transformations/index.ts';
import { DEPENDENCY_STATUSES, OTHER_STATUSES } from './elements.ts';
import { creatorsOf, findCircle, findProcess, findSubtask, predecessors } from './graph.ts';
import type { Dependency, JobCommand, Process, Task, TaskFile } from './model.ts';
import type { Problems } from './problems.ts';
import type { TextPlace } from './xmlTree.ts';

/** UTF-16 units. The first is enforced by the pipeline, the others are the sizes of its table's columns. */
const MOST_NAME = 30;
const MOST_VERSION = 12;
const MOST_SITE = 64;
const MOST_NOTATION = 200;
const MOST_PATH = 256;

/** What the pipeline's importer would refuse, or what would not run as it is meant. */
export function checkTasks(file: TaskFile, root: TextPlace, problems: Problems): void {
  if (file.tasks.length === 0) problems.error(root, 'no-task', 'The file has no task');
  checkNames(file.tasks, 'task', 'the file', problems);
  for (const task of file.tasks) checkTask(task, problems);
}

function checkTask(task: Task, problems: Problems): void {
  checkLength(
    task.place,
    'version-too-long',
    `The version of ${task.name}`,
    task.version,
    MOST_VERSION,
    problems,
  );
  checkNotation(task, problems);
  if (task.processes.length === 0)
    problems.error(task.place, 'no-process', `${named('Task', task.name)} has no process`);
  checkNames(task.processes, 'process', `task ${task.name}`, problems);
  checkNames(task.tasks, 'task', `task ${task.name}`, problems);
  checkNames(task.variables, 'variable', `task ${task.name}`, problems);
  for (const process of task.processes) checkProcess(task, process, problems);
  checkCircle(task, problems);
  for (const subtask of task.tasks) {
    checkCreator(task, subtask, problems);
    checkTask(subtask, problems);
  }
}

function checkNames(
  items: readonly { readonly name: string; readonly place: TextPlace }[],
  what: 'task' | 'process' | 'variable',
  where: string,
  problems: Problems,
): void {
  const seen = new Map<string, TextPlace>();
  for (const { name, place } of items) {
    if (name === '') continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, place);
    else if (what === 'variable') {
      problems.warning(
        place,
        'variable-twice',
        `Variable ${name} has a value already in line ${first.line}; the last counts`,
      );
    } else
      problems.error(
        place,
        what === 'task' ? 'task-twice' : 'process-twice',
        `There is a ${what} ${name} in ${where} already, in line ${first.line}`,
      );
    if (what !== 'variable' && name.length > MOST_NAME) {
      const message = `The name ${name} has ${name.length} characters; the pipeline takes ${MOST_NAME}`;
      problems.error(place, 'name-too-long', message);
    }
    if (what === 'process' && name.includes('.')) {
      problems.warning(
        place,
        'name-form',
        `The name ${name} has a dot in it, so that no dependency can name it`,
      );
    }
  }
}

function checkProcess(task: Task, process: Process, problems: Problems): void {
  const { name, site, run, place } = process;
  checkNotation(process, problems);
  checkLength(place, 'site-too-long', `The site of ${name}`, site, MOST_SITE, problems);
  checkNames(process.variables, 'variable', `process ${name}`, problems);
  checkCount(place, 'autoRetryMaxAttempts', process.autoRetryMaxAttempts, problems);
  if (run.kind === 'job') checkJob(name, run, problems);
  else if (run.language !== 'python') {
    problems.error(
      run.place,
      'script-language',
      `The script of ${name} is ${run.language}; the pipeline runs python`,
    );
  }
  for (const dependency of process.after) checkDependency(task, process, dependency, problems);
  for (const dependency of process.before) {
    if (dependency.process.includes('.')) {
      const message = `before ${dependency.process}: a process can come before its siblings only`;
      problems.error(dependency.place, 'process-unknown', message);
    } else checkDependency(task, process, dependency, problems);
  }
  for (const { name: subtask, place: at } of process.createsSubtasks) {
    if (findSubtask(task, subtask) !== undefined) continue;
    const near = nearest(
      subtask,
      task.tasks.map((candidate) => candidate.name),
    );
    const meant = near === undefined ? '' : `; ${near} may be meant`;
    problems.error(at, 'subtask-unknown', `Task ${task.name} has no task ${subtask} in it${meant}`);
  }
}

/** What has no name is told of apart. */
function named(what: string, name: string): string {
  return name === '' ? `The ${what.toLowerCase()}` : `${what} ${name}`;
}

function checkJob(name: string, job: JobCommand, problems: Problems): void {
  if (job.executable === '' && job.script === '') {
    const process = named('Process', name);
    problems.error(job.place, 'no-command', `${process} has neither an executable nor a script to run`);
  }
  for (const key of ['maxCPU', 'maxWallClock', 'maxMemory', 'priority']) {
    const value = job.attributes.get(key) ?? '';
    if (key === 'priority' ? /[^\d\s${}-]/.test(value) : value === '') continue;
    checkCount(job.place, key, value, problems);
  }
  for (const [key, value] of [...job.attributes, ['executable', job.executable] as const]) {
    if (key === 'executable' || key === 'workingDir' || key === 'logFile') {
      checkLength(job.place, 'path-too-long', `The ${key} of ${name}`, value, MOST_PATH, problems);
    }
  }
}

function checkCount(place: TextPlace, key: string, value: string, problems: Problems): void {
  if (value.includes('${') || /^\s*-?\d*\s*$/.test(value)) return;
  problems.error(place, 'number', `${key} is ${JSON.stringify(value)}, which is no whole number`);
}

function checkNotation({ name, notation, place }: Task | Process, problems: Problems): void {
  checkLength(place, 'notation-too-long', `The notation of ${name}`, notation, MOST_NOTATION, problems);
}

function checkLength(
  place: TextPlace,
  code: string,
  what: string,
  text: string,
  most: number,
  problems: Problems,
): void {
  // What comes of an expression is not known.
  if (text.length <= most || text.includes('${')) return;
  problems.warning(place, code, `${what} has ${text.length} characters; the pipeline keeps ${most}`);
}

function checkDependency(task: Task, process: Process, dependency: Dependency, problems: Problems): void {
  const { process: path, status, place } = dependency;
  checkStatus(dependency, problems);
  if (path === '') return;
  const target = findProcess(task, path);
  if (target === undefined) {
    const near = nearest(path, processPaths(task));
    const meant = near === undefined ? '' : `; ${near} may be meant`;
    problems.error(place, 'process-unknown', `Task ${task.name} has no process ${path}${meant}`);
  } else if (target.way.length > 1) {
    const message = `${path} is ${target.way.length} tasks further down; the pipeline waits reliably for the next level only (${status})`;
    problems.information(place, 'dependency-deep', message);
  } else if (target.way[0] !== undefined && creatorsOf(task, target.way[0]).length === 0) {
    const message = `${process.name} waits for ${path}, but no process of ${task.name} creates ${target.way[0]}`;
    problems.warning(place, 'dependency-never', message);
  }
}

function checkStatus({ status, place }: Dependency, problems: Problems): void {
  if (isOneOf(DEPENDENCY_STATUSES, status)) return;
  if (isOneOf(OTHER_STATUSES, status)) {
    const message = `${status} is no state in which a process instance ends; what waits for it may never start`;
    problems.warning(place, 'status-passing', message);
    return;
  }
  const near = nearest(status, DEPENDENCY_STATUSES);
  const meant = near === undefined ? '' : `; ${near} may be meant`;
  problems.error(place, 'status-unknown', `There is no state ${status}${meant}`);
}

function isOneOf(list: readonly string[], word: string): boolean {
  return list.includes(word);
}

/** All that a dependency in this task may name. */
function processPaths(task: Task, prefix = ''): readonly string[] {
  return [
    ...task.processes.map(({ name }) => prefix + name),
    ...task.tasks.flatMap((subtask) => processPaths(subtask, `${prefix}${subtask.name}.`)),
  ];
}

function checkCircle(task: Task, problems: Problems): void {
  const circle = findCircle(predecessors(task));
  const first = task.processes.find(({ name }) => name === circle?.[0]);
  if (circle === undefined || first === undefined) return;
  const message = `Processes wait for each other: ${circle.join(' before ')}`;
  problems.error(first.place, 'dependency-circle', message);
}

function checkCreator(task: Task, subtask: Task, problems: Problems): void {
  if (creatorsOf(task, subtask.name).length > 0) return;
  const message = `No process of ${task.name} says in createsSubtasks that it creates ${subtask.name}`;
  problems.warning(subtask.place, 'no-creator', message);
}
