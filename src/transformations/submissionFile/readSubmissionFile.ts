import type { Resources } from '../../panda/index.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { ListedFindings } from '../findings.ts';
import { MOST_JOBS, rangeSize } from '../sweep/sweep.ts';
import { DEFAULT_ATTEMPTS } from '../task/gatherTask.ts';
import { parseMemory, parseSeconds } from '../units.ts';
import { createReport } from '../yamlReport.ts';
import type { Report } from '../yamlReport.ts';
import { readYaml, textOf, valueOf } from '../yamlTree.ts';
import type { YamlFile, YamlMap, YamlNode } from '../yamlTree.ts';
import { checkFields } from './checkShape.ts';
import type { SubmissionDescription, SweepPart, TaskDescription } from './description.ts';
import { RECORDED_FIELDS, SUBMISSION_FIELDS } from './fields.ts';

export interface SubmissionFile extends ListedFindings {
  /** Undefined when there are errors. */
  readonly description: SubmissionDescription | undefined;
  /** Where something stands, `arguments[2]`, `sweep.table`; what holds it where it does not stand there itself. */
  readonly locate: (where: string) => Pick<Diagnostic, 'line' | 'column' | 'endColumn'>;
}

/** True for a path that is meant to be a submission file. */
export function isSubmissionFile(path: string): boolean {
  return /[^/\\]\.panda\.ya?ml$/iu.test(path);
}

/** Reads a submission file. Never throws. What it names is not looked at: see `planSubmission`. */
export function readSubmissionFile(text: string, fields = SUBMISSION_FIELDS): SubmissionFile {
  const file = readYaml(text);
  const { root } = file;
  const report = createReport(file);
  const locate = (where: string): ReturnType<SubmissionFile['locate']> => placeOf(file, where);
  if (root?.kind !== 'map') {
    if (file.problems.length === 0) {
      const message = 'A submission file is a mapping that names a transformation.';
      report.error(root ?? { start: 0, end: 0 }, 'not-a-mapping', message);
    }
    return { description: undefined, ...report.list(), locate };
  }
  checkFields(root, fields, '', report);
  checkSweep(root, report);
  const found = report.list();
  return { description: found.counts.error > 0 ? undefined : describe(root), ...found, locate };
}

function checkSweep(root: YamlMap, report: Report): void {
  const sweep = valueOf(root, 'sweep');
  if (valueOf(sweep, 'files') !== undefined && valueOf(root, 'file') !== undefined) {
    const message = 'Either file or sweep.files names the main files.';
    report.error(valueOf(root, 'file') ?? root, 'file-and-files', message);
  }
  const parameters = valueOf(sweep, 'parameters');
  if (parameters?.kind !== 'map') return;
  for (const { key, keyPlace, value } of parameters.entries) {
    if (RESERVED.includes(key)) {
      report.error(keyPlace, 'reserved-name', `A parameter cannot be called ${key}: the name has a meaning.`);
    }
    if (value.kind !== 'map') continue;
    const size = rangeSize(rangeOf(value));
    if (size === 0) report.error(value, 'empty-range', `The range ${key} holds no value.`);
    else if (size > MOST_JOBS) {
      report.error(value, 'too-many-jobs', `The range ${key} holds more than ${MOST_JOBS} values.`);
    }
  }
}

/** Names that are set for every job. */
export const RESERVED: readonly string[] = ['number', 'file', 'repeat'];

function rangeOf(map: YamlMap): { from: number; to: number; step: number } {
  const number = (key: string, otherwise: number): number => {
    const node = valueOf(map, key);
    if (node === undefined) return otherwise;
    return node.kind === 'scalar' && typeof node.value === 'number' ? node.value : Number.NaN;
  };
  return { from: number('from', Number.NaN), to: number('to', Number.NaN), step: number('step', 1) };
}

/** What the record of a submission says was asked for; undefined where it is no submission. */
export function describeRecorded(root: YamlNode | undefined): SubmissionDescription | undefined {
  if (root?.kind !== 'map') return undefined;
  let isBad = false;
  const note = (): void => {
    isBad = true;
  };
  checkFields(root, RECORDED_FIELDS, '', { error: note, warning: note, information: note });
  return isBad ? undefined : describe(root);
}

function describe(root: YamlMap): SubmissionDescription {
  const one = (key: string): string | undefined => textOf(valueOf(root, key));
  const outputs = valueOf(root, 'outputs');
  const parameters = valueOf(root, 'parameters');
  return {
    transformation: one('transformation') ?? '',
    ...given('file', one('file')),
    ...given('name', one('name')),
    ...given('profile', one('profile')),
    sites: textsOf(valueOf(root, 'site')),
    resources: resourcesOf(valueOf(root, 'resources')),
    parameters: Object.fromEntries(
      parameters?.kind === 'map' ? parameters.entries.map(({ key, value }) => [key, textsOf(value)]) : [],
    ),
    arguments: textsOf(valueOf(root, 'arguments')),
    ...given('outputs', outputs === undefined ? undefined : textsOf(outputs)),
    inputs: textsOf(valueOf(root, 'inputs')),
    sweep: sweepOf(valueOf(root, 'sweep')),
    ...given('stagingFolder', textOf(valueOf(valueOf(root, 'staging'), 'folder'))),
    ...given('task', taskOf(valueOf(root, 'task'))),
  };
}

/** A field, or none where there is no value. */
function given<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): Partial<Readonly<Record<Key, Value>>> {
  const field: Partial<Record<Key, Value>> = {};
  if (value !== undefined) field[key] = value;
  return field;
}

function textsOf(node: YamlNode | undefined): readonly string[] {
  if (node === undefined) return [];
  return (node.kind === 'list' ? node.items : [node]).flatMap((item) => textOf(item) ?? []);
}

function resourcesOf(node: YamlNode | undefined): Partial<Resources> {
  const text = (key: string): string => textOf(valueOf(node, key)) ?? '';
  return {
    ...given('cores', text('cores') === '' ? undefined : Number(text('cores'))),
    ...given('memoryMB', parseMemory(text('memory'))),
    ...given('diskMB', parseMemory(text('disk'))),
    ...given('walltimeSeconds', parseSeconds(text('walltime'))),
  };
}

function taskOf(node: YamlNode | undefined): TaskDescription | undefined {
  if (node === undefined) return undefined;
  return {
    attempts: Number(textOf(valueOf(node, 'attempts')) ?? DEFAULT_ATTEMPTS),
    ...given('folder', textOf(valueOf(node, 'folder'))),
  };
}

function sweepOf(node: YamlNode | undefined): readonly SweepPart[] {
  if (node?.kind !== 'map') return [];
  return node.entries.flatMap(({ key, value }): SweepPart[] => {
    switch (key) {
      case 'files':
        return [{ kind: 'files', files: textsOf(value) }];
      case 'table':
        return [{ kind: 'table', file: textOf(value) ?? '' }];
      case 'repeat':
        return [{ kind: 'repeat', count: Number(textOf(value)) }];
      default:
        return value.kind === 'map' ? value.entries.map(parameterOf) : [];
    }
  });
}

function parameterOf({ key, value }: { readonly key: string; readonly value: YamlNode }): SweepPart {
  return value.kind === 'map'
    ? { kind: 'range', name: key, ...rangeOf(value) }
    : { kind: 'list', name: key, values: textsOf(value) };
}

/** Follows the steps of a place as far as they exist. */
function placeOf(file: YamlFile, where: string): ReturnType<SubmissionFile['locate']> {
  let node = file.root;
  let place = node?.kind === 'map' ? (node.entries[0]?.keyPlace ?? node) : { start: 0, end: 0 };
  for (const step of where.split(/[.[\]]+/u).filter((part) => part !== '')) {
    const next: YamlNode | undefined = node?.kind === 'list' ? node.items[Number(step)] : valueOf(node, step);
    if (next === undefined) break;
    node = next;
    place = next;
  }
  return file.place(place);
}
