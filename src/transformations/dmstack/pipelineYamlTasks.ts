import type { Report } from '../yamlReport.ts';
import { entryOf, headOf, isNothing, textOf, valueOf } from '../yamlTree.ts';
import type { YamlEntry, YamlMap, YamlNode } from '../yamlTree.ts';

/** Keys of a config that set no field. */
const NOT_FIELDS: readonly string[] = ['file', 'python', 'dataId'];

const DOTTED = /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)+$/u;

/** A class with its module, `lsst.ip.isr.IsrTask`. */
export function isDotted(name: string | undefined): boolean {
  return name !== undefined && DOTTED.test(name);
}

/** Checks the tasks, and returns their labels. */
export function checkTasks(root: YamlMap, report: Report): ReadonlySet<string> {
  const entry = entryOf(root, 'tasks');
  if (entry === undefined || isNothing(entry.value)) return new Set();
  if (entry.value.kind !== 'map') {
    report.error(entry.value, 'wrong-kind', 'The tasks are a mapping of labels to classes.');
    return new Set();
  }
  const labels = new Set<string>();
  for (const { key, keyPlace, value } of entry.value.entries) {
    if (key === 'parameters') {
      const message = 'A task cannot be called parameters: the word is reserved.';
      report.error(keyPlace, 'reserved-label', message);
      continue;
    }
    labels.add(key);
    if (value.kind === 'map') checkTask(key, value, report);
    else checkClass(key, value, report);
  }
  return labels;
}

function checkTask(label: string, task: YamlMap, report: Report): void {
  const name = valueOf(task, 'class');
  if (name === undefined) {
    report.error(headOf(task), 'missing-class', `The task ${label} names no class.`);
  } else {
    checkClass(label, name, report);
  }
  for (const { key, keyPlace, value } of task.entries) {
    if (key === 'config') checkConfig(label, value, report);
    else if (key !== 'class') {
      const message = `The key ${key} is ignored: a task has class and config.`;
      report.warning(keyPlace, 'unknown-task-key', message);
    }
  }
}

function checkClass(label: string, name: YamlNode, report: Report): void {
  const text = textOf(name);
  if (text === undefined) {
    report.error(name, 'missing-class', `The task ${label} names no class.`);
  } else if (!isDotted(text)) {
    const message = `${text} is not the full name of a class, such as lsst.ip.isr.IsrTask.`;
    report.warning(name, 'class-not-dotted', message);
  }
}

function checkConfig(label: string, config: YamlNode, report: Report): void {
  if (isNothing(config)) return;
  for (const block of config.kind === 'list' ? config.items : [config]) {
    if (block.kind !== 'map') {
      const message = `The config of ${label} is a mapping of fields to values, or a list of such mappings.`;
      report.error(block, 'wrong-kind', message);
      continue;
    }
    for (const { key, value } of block.entries) checkConfigEntry(key, value, report);
  }
}

function checkConfigEntry(key: string, value: YamlNode, report: Report): void {
  if (isNothing(value)) return;
  if (key === 'file') {
    const files = value.kind === 'list' ? value.items : [value];
    const wrong = files.find((file) => textOf(file) === undefined);
    if (wrong !== undefined)
      report.error(wrong, 'wrong-kind', 'The key file names a file, or a list of files.');
  } else if (key === 'python' && textOf(value) === undefined) {
    report.error(value, 'wrong-kind', 'The key python holds Python code as text.');
  } else if (key === 'dataId' && value.kind !== 'map') {
    report.error(value, 'wrong-kind', 'The key dataId is a mapping of dimensions to values.');
  }
}

/** The config files that tasks name, as written, each once. */
export function configFiles(root: YamlMap): readonly string[] {
  const files = configEntries(root).flatMap(({ key, value }) => {
    if (key !== 'file') return [];
    return value.kind === 'list' ? value.items : [value];
  });
  return [...new Set(files.flatMap((file) => textOf(file) ?? []))];
}

/** Checks that values written `parameters.NAME` have their parameter; only sure where no import can bring it. */
export function checkParameterUse(root: YamlMap, report: Report): void {
  const known = valueOf(root, 'parameters');
  for (const { key, value } of configEntries(root)) {
    const name = /^parameters\.(.*)/u.exec(textOf(value) ?? '')?.[1];
    if (name === undefined || NOT_FIELDS.includes(key) || entryOf(known, name) !== undefined) continue;
    const message = `There is no parameter ${name} here: unless a pipeline that imports this one has it, the text itself is the value.`;
    report.information(value, 'unknown-parameter', message);
  }
}

function configEntries(root: YamlMap): readonly YamlEntry[] {
  const tasks = valueOf(root, 'tasks');
  if (tasks?.kind !== 'map') return [];
  return tasks.entries.flatMap(({ value: task }) => {
    const config = valueOf(task, 'config');
    const blocks = config?.kind === 'list' ? config.items : [config];
    return blocks.flatMap((block) => (block?.kind === 'map' ? block.entries : []));
  });
}
