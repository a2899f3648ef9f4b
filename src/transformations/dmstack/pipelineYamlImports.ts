import type { Report } from '../yamlReport.ts';
import { entryOf, headOf, isNothing, textOf, valueOf } from '../yamlTree.ts';
import type { YamlEntry, YamlMap, YamlNode } from '../yamlTree.ts';
import { isElsewhere } from './locations.ts';
import { importPath, LabelReader } from './pipelineYamlLabels.ts';
import type { Labels } from './pipelineYamlLabels.ts';
import type { YamlSurroundings } from './surroundings.ts';

/** One import. */
export interface PipelineImport {
  readonly location: string | undefined;
  /** What it brings, as far as that can be known. */
  readonly labels: Labels;
}

const NONE: Labels = { tasks: new Set(), subsets: new Map(), complete: true };
const UNKNOWN: Labels = { ...NONE, complete: false };

/** Checks the imports of a pipeline. */
export function checkImports(
  root: YamlMap,
  surroundings: YamlSurroundings,
  report: Report,
): readonly PipelineImport[] {
  const imports = valueOf(root, 'imports');
  if (imports === undefined || isNothing(imports)) return [];
  const reader = new LabelReader(surroundings);
  return (imports.kind === 'list' ? imports.items : [imports]).map((item) => {
    const { location, brings } = item.kind === 'map' ? checkImport(item, report) : checkName(item, report);
    if (brings === 'nothing') return { location, labels: NONE };
    if (brings === 'unknown' || location === undefined) return { location, labels: UNKNOWN };
    checkThere(valueOf(item, 'location') ?? item, location, surroundings, report);
    const known = reader.circle;
    const labels = reader.ofImport(item);
    if (known === undefined && reader.circle !== undefined) {
      const message = `${reader.circle} is among its own imports: the loader goes round in a circle.`;
      report.error(headOf(item), 'import-cycle', message);
    }
    return { location, labels };
  });
}

interface CheckedImport {
  readonly location: string | undefined;
  /** What of it once it is mended cannot be known, but that its include and exclude leave nothing. */
  readonly brings: 'labels' | 'nothing' | 'unknown';
}

function checkName(item: YamlNode, report: Report): CheckedImport {
  const location = textOf(item);
  if (location === undefined) {
    report.error(item, 'wrong-kind', 'An import is the location of a file, or a mapping with a location.');
  }
  return { location, brings: location === undefined ? 'unknown' : 'labels' };
}

/** Labels that two imports bring, or an import as a subset and the file itself as a task: the loader refuses them. */
export function checkClashes(
  root: YamlMap,
  imports: readonly PipelineImport[],
  tasks: ReadonlySet<string>,
  report: Report,
): void {
  const node = valueOf(root, 'imports');
  const items = node?.kind === 'list' ? node.items : [node];
  const seen = new Set<string>();
  for (const [index, { labels }] of imports.entries()) {
    if (!labels.complete) continue;
    const at = items[index];
    const brought = [...labels.tasks, ...labels.subsets.keys()];
    const twice = brought.find((label) => seen.has(label));
    if (at !== undefined && twice !== undefined) {
      report.error(headOf(at), 'import-clash', `Two imports bring ${twice}: exclude it from one of them.`);
    }
    const taken = [...labels.subsets.keys()].find((label) => tasks.has(label));
    if (at !== undefined && taken !== undefined) {
      const message = `This import brings a subset ${taken}, and a task has that label.`;
      report.error(headOf(at), 'subset-label-clash', message);
    }
    for (const label of brought) seen.add(label);
  }
}

/** A file that is named relative to a folder should be there; others may be at the site. */
function checkThere(at: YamlNode, location: string, surroundings: YamlSurroundings, report: Report): void {
  const path = importPath(location, surroundings);
  if (isElsewhere(path) || surroundings.readFile === undefined) return;
  if (surroundings.readFile(path) !== undefined) return;
  report.warning(
    at,
    'import-missing',
    `There is no ${path} beside this file: pipetask looks for it in the folder where it is started.`,
  );
}

function checkImport(item: YamlMap, report: Report): CheckedImport {
  let brings: CheckedImport['brings'] = 'labels';
  const refuse: Report['error'] = (...problem) => {
    brings = 'unknown';
    report.error(...problem);
  };
  const location = textOf(valueOf(item, 'location'));
  if (location === undefined) {
    refuse(headOf(item), 'import-without-location', 'An import needs the location of a file.');
  }
  if (hasLabels(valueOf(item, 'include')) && hasLabels(valueOf(item, 'exclude'))) {
    report.error(headOf(item), 'include-and-exclude', 'An import has either include or exclude, not both.');
    brings = 'nothing';
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
  return { location, brings };
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
