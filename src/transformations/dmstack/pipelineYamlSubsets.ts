import type { Report } from '../yamlReport.ts';
import { entryOf, headOf, isNothing, textOf, valueOf } from '../yamlTree.ts';
import type { YamlEntry, YamlMap, YamlNode } from '../yamlTree.ts';
import type { Labels } from './pipelineYamlLabels.ts';

/** Checks the subsets, and returns their labels. */
export function checkSubsets(root: YamlMap, known: Labels, report: Report): ReadonlySet<string> {
  const subsets = valueOf(root, 'subsets');
  if (subsets === undefined || isNothing(subsets)) return new Set();
  if (subsets.kind !== 'map') {
    report.error(subsets, 'wrong-kind', 'The subsets are a mapping of labels to lists of tasks.');
    return new Set();
  }
  for (const entry of subsets.entries) checkSubset(entry, known, report);
  return new Set(subsets.entries.map(({ key }) => key));
}

function checkSubset({ key, keyPlace, value }: YamlEntry, known: Labels, report: Report): void {
  if (known.tasks.has(key)) {
    const message = `A subset cannot have the label of a task: ${key}.`;
    report.error(keyPlace, 'subset-label-clash', message);
  }
  let labels: YamlNode | undefined = value;
  if (value.kind === 'map') {
    labels = valueOf(value, 'subset');
    if (labels === undefined || isNothing(labels)) {
      report.error(
        headOf(value),
        'missing-subset',
        `The subset ${key} lists no tasks: it needs the key subset.`,
      );
      return;
    }
    for (const { key: other, keyPlace: at } of value.entries) {
      if (other === 'subset' || other === 'description') continue;
      report.warning(
        at,
        'unknown-subset-key',
        `The key ${other} is ignored: a subset has subset and description.`,
      );
    }
  }
  if (labels.kind !== 'list') {
    report.error(labels, 'wrong-kind', `The subset ${key} is a list of task labels.`);
    return;
  }
  for (const item of labels.items) checkLabel(item, known, report);
}

function checkLabel(item: YamlNode, known: Labels, report: Report): void {
  const label = textOf(item);
  if (label === undefined) {
    report.error(item, 'wrong-kind', 'A subset lists labels of tasks.');
  } else if (known.complete && !known.tasks.has(label)) {
    report.error(item, 'subset-unknown-label', `There is no task ${label} in this pipeline.`);
  }
}

/** Checks the steps against the subsets of the file, and returns their labels. */
export function checkSteps(
  root: YamlMap,
  subsets: ReadonlySet<string>,
  known: Labels,
  report: Report,
): readonly string[] {
  const steps = valueOf(root, 'steps');
  if (steps === undefined || isNothing(steps)) return [];
  if (steps.kind !== 'list') {
    report.error(steps, 'wrong-kind', 'The steps are a list of mappings with label and dimensions.');
    return [];
  }
  const labels = new Set<string>();
  for (const step of steps.items) {
    const label = checkStep(step, report);
    if (label === undefined) continue;
    const at = valueOf(step, 'label') ?? step;
    if (labels.has(label)) report.error(at, 'duplicate-step', `The step ${label} is declared twice.`);
    else if (known.complete && !subsets.has(label) && !known.subsets.has(label)) {
      report.error(at, 'step-without-subset', `The step ${label} has no subset of its name.`);
    }
    labels.add(label);
  }
  return [...labels];
}

function checkStep(step: YamlNode, report: Report): string | undefined {
  if (step.kind !== 'map') {
    report.error(step, 'wrong-kind', 'A step is a mapping with label and dimensions.');
    return undefined;
  }
  for (const { key, keyPlace } of step.entries) {
    if (key === 'label' || key === 'dimensions') continue;
    report.error(keyPlace, 'step-unknown-key', `A step knows no key ${key}: it has label and dimensions.`);
  }
  const label = textOf(valueOf(step, 'label'));
  if (label === undefined)
    report.error(headOf(step), 'step-without-label', 'A step needs the label of a subset.');
  if (entryOf(step, 'dimensions') === undefined) {
    report.error(headOf(step), 'step-without-dimensions', 'A step needs dimensions.');
  }
  return label;
}
