import type { Report } from '../yamlReport.ts';
import { entryOf, headOf, isNothing, textOf, valueOf } from '../yamlTree.ts';
import type { YamlEntry, YamlMap, YamlNode } from '../yamlTree.ts';

/** One import, as far as it can be known without the file it names. */
export interface PipelineImport {
  readonly location: string | undefined;
  /** The loader takes nothing from it. */
  readonly isRefused: boolean;
}

/** Checks the imports of a pipeline. */
export function checkImports(root: YamlMap, report: Report): readonly PipelineImport[] {
  const imports = valueOf(root, 'imports');
  if (imports === undefined || isNothing(imports)) return [];
  return (imports.kind === 'list' ? imports.items : [imports]).map((item) => {
    if (item.kind === 'map') return checkImport(item, report);
    const location = textOf(item);
    if (location === undefined) {
      report.error(item, 'wrong-kind', 'An import is the location of a file, or a mapping with a location.');
    }
    return { location, isRefused: location === undefined };
  });
}

function checkImport(item: YamlMap, report: Report): PipelineImport {
  let isRefused = false;
  const refuse: Report['error'] = (...problem) => {
    isRefused = true;
    report.error(...problem);
  };
  const location = textOf(valueOf(item, 'location'));
  if (location === undefined) {
    refuse(headOf(item), 'import-without-location', 'An import needs the location of a file.');
  }
  if (hasLabels(valueOf(item, 'include')) && hasLabels(valueOf(item, 'exclude'))) {
    const message = 'An import has either include or exclude, not both.';
    refuse(headOf(item), 'include-and-exclude', message);
  }
  for (const entry of item.entries) {
    const check = CHECKS.get(entry.key);
    if (check === undefined) {
      const message = `An import knows no key ${entry.key}: it has ${[...CHECKS.keys()].join(', ')}.`;
      refuse(entry.keyPlace, 'import-unknown-key', message);
    } else {
      check(entry, refuse);
    }
  }
  return { location, isRefused };
}

function hasLabels(node: YamlNode | undefined): boolean {
  return node !== undefined && !isNothing(node) && !(node.kind === 'list' && node.items.length === 0);
}

type EntryCheck = (entry: YamlEntry, refuse: Report['error']) => void;

const CHECKS: ReadonlyMap<string, EntryCheck> = new Map<string, EntryCheck>([
  ['location', checkText],
  ['include', checkLabels],
  ['exclude', checkLabels],
  ['rename', checkRename],
  ['importContracts', checkSwitch],
  ['importSteps', checkSwitch],
  ['labeledSubsetModifyMode', checkMode],
  ['instrument', checkText],
]);

function checkText({ key, value }: YamlEntry, refuse: Report['error']): void {
  if (value.kind !== 'scalar') refuse(value, 'wrong-kind', `The key ${key} holds one text.`);
}

function checkLabels({ key, value }: YamlEntry, refuse: Report['error']): void {
  if (isNothing(value)) return;
  const labels = value.kind === 'list' ? value.items : [value];
  const wrong = labels.find((label) => textOf(label) === undefined);
  if (wrong !== undefined) refuse(wrong, 'wrong-kind', `The key ${key} holds labels of tasks or subsets.`);
}

/** Words that YAML 1.1, which the loader reads, takes for yes and no. */
const SWITCH = /^(true|false|yes|no|on|off)$/iu;

function checkSwitch({ key, value }: YamlEntry, refuse: Report['error']): void {
  const text = textOf(value);
  if (text === undefined || !SWITCH.test(text))
    refuse(value, 'wrong-kind', `The key ${key} is true or false.`);
}

function checkMode({ value }: YamlEntry, refuse: Report['error']): void {
  if (!['DROP', 'EDIT'].includes(textOf(value) ?? '')) {
    refuse(
      value,
      'modify-mode',
      'The mode is DROP (subsets that lose a task go) or EDIT (they lose only the task).',
    );
  }
}

function checkRename({ value }: YamlEntry, refuse: Report['error']): void {
  if (isNothing(value)) return;
  if (value.kind !== 'map') {
    refuse(value, 'wrong-kind', 'The key rename is a mapping of old labels to new ones.');
    return;
  }
  const given = new Set<string>();
  for (const { value: label } of value.entries) {
    const name = textOf(label);
    if (name === undefined) {
      refuse(label, 'wrong-kind', 'A new label is one word.');
    } else if (given.has(name)) {
      refuse(label, 'rename-duplicate', `Two tasks would be called ${name}.`);
    } else if (entryOf(value, name) !== undefined) {
      refuse(label, 'rename-clash', `The label ${name} is renamed itself, so nothing can be renamed to it.`);
    }
    if (name !== undefined) given.add(name);
  }
}
