import { isCollection, isMap, isPair, isScalar } from 'yaml';
import type { Resources } from '../../panda/index.ts';
import { SUBMISSION_FIELDS } from './fields.ts';
import type { SubmissionDescription, SweepPart } from './description.ts';
import { isOneLine, yamlDocument, yamlText } from './yamlText.ts';

/**
 * A submission file as text, with a comment for readers above each part. Reading it gives the same description again.
 */
export function writeSubmissionFile(description: SubmissionDescription): string {
  const document = yamlDocument(submissionFields(description));
  document.commentBefore =
    ' Jobs for PanDA: desc-panda submit FILE sends them,\n with --dry-run it shows what would be sent.';
  if (!isMap(document.contents)) throw new Error('a submission is always a mapping');
  for (const [index, pair] of document.contents.items.entries()) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const help = SUBMISSION_FIELDS[String(pair.key.value)]?.help;
    if (help !== undefined) pair.key.commentBefore = ` ${help.replaceAll('`', '')}`;
    pair.key.spaceBefore = index > 0;
    setShortListsOnOneLine(pair.value);
  }
  return yamlText(document);
}

/** Characters of a list that stands on one line. */
const SHORT = 80;

function setShortListsOnOneLine(node: unknown): void {
  if (!isCollection(node)) return;
  const length = JSON.stringify(node.toJSON()).length;
  if (node.items.length > 0 && length <= SHORT && node.items.every(isOneLine)) node.flow = true;
  for (const item of node.items) setShortListsOnOneLine(isPair(item) ? item.value : item);
}

/** The fields of a submission file as plain data, in the order in which readers want them. */
export function submissionFields(description: SubmissionDescription): Readonly<Record<string, unknown>> {
  const { transformation, file, name, profile, sites, outputs, stagingFolder } = description;
  const fields = {
    transformation,
    file,
    name,
    profile,
    site: oneOrMore(sites),
    resources: resourcesFields(description.resources),
    parameters: notEmpty(
      Object.fromEntries(
        Object.entries(description.parameters).map(([key, values]) => [key, oneOrMore(values)]),
      ),
    ),
    arguments: description.arguments.length === 0 ? undefined : description.arguments,
    outputs,
    inputs: description.inputs.length === 0 ? undefined : description.inputs,
    task: description.task,
    sweep: sweepFields(description.sweep),
    staging: stagingFolder === undefined ? undefined : { folder: stagingFolder },
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function oneOrMore(values: readonly string[]): string | readonly string[] | undefined {
  return values.length === 0 ? undefined : values.length === 1 ? values[0] : values;
}

function notEmpty<Fields extends object>(fields: Fields): Fields | undefined {
  return Object.values(fields).every((value) => value === undefined) ? undefined : fields;
}

function resourcesFields({ cores, memoryMB, diskMB, walltimeSeconds }: Partial<Resources>): unknown {
  const fields = {
    cores,
    memory: memoryMB === undefined ? undefined : writeMemory(memoryMB),
    disk: diskMB === undefined ? undefined : writeMemory(diskMB),
    walltime: walltimeSeconds === undefined ? undefined : writeTime(walltimeSeconds),
  };
  return notEmpty(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
}

function writeMemory(megabytes: number): string {
  return megabytes % 1000 === 0 ? `${megabytes / 1000}G` : `${megabytes}M`;
}

function writeTime(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

function sweepFields(parts: readonly SweepPart[]): unknown {
  const fields: Record<string, unknown> = {};
  const parameters: Record<string, unknown> = {};
  for (const part of parts) {
    switch (part.kind) {
      case 'files':
        fields.files = part.files;
        break;
      case 'table':
        fields.table = part.file;
        break;
      case 'repeat':
        fields.repeat = part.count;
        break;
      case 'list':
        parameters[part.name] = part.values;
        fields.parameters = parameters;
        break;
      case 'range': {
        const { from, to, step } = part;
        parameters[part.name] = { from, to, ...(step === 1 ? {} : { step }) };
        fields.parameters = parameters;
        break;
      }
    }
  }
  return notEmpty(fields);
}
