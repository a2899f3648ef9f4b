import { relative, resolve, sep } from 'node:path';
import type { TransformationOptions } from '../api.ts';
import { literalTemplate } from '../sweep/template.ts';
import type { SubmissionDescription } from './description.ts';

/** What somebody submits from a form or with options on the command line. */
export interface SubmittedChoice {
  /** Id of the transformation. */
  readonly transformation: string;
  /** Absolute path of the main file. */
  readonly file?: string;
  readonly options: TransformationOptions;
  /** Names of the parameters that are files. */
  readonly fileParameters?: readonly string[];
  readonly profile?: string;
}

/** The same as a description, with paths relative to `folder`. */
export function describeSubmission(choice: SubmittedChoice, folder: string): SubmissionDescription {
  const { transformation, file, options, fileParameters = [], profile } = choice;
  const { name, site, resources = {}, parameters = {}, outputs } = options;
  return {
    transformation,
    ...(file === undefined ? {} : { file: pathFrom(folder, file) }),
    ...(name === undefined ? {} : { name: literalTemplate(name) }),
    ...(profile === undefined ? {} : { profile }),
    sites: site === undefined ? [] : [site],
    resources,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([key, values]) => [
        key,
        values.map((value) =>
          literalTemplate(fileParameters.includes(key) ? pathFrom(folder, value) : value),
        ),
      ]),
    ),
    arguments: (options.arguments ?? []).map(literalTemplate),
    ...(outputs === undefined ? {} : { outputs: outputs.map(literalTemplate) }),
    inputs: [],
    sweep: [],
  };
}

/** The same description for another folder: its relative paths lead to the same files from there. */
export function rebaseDescription(
  description: SubmissionDescription,
  folders: { readonly from: string; readonly to: string },
  fileParameters: readonly string[],
): SubmissionDescription {
  const move = (path: string): string => pathFrom(folders.to, resolve(folders.from, path));
  const { file, parameters, inputs, sweep } = description;
  return {
    ...description,
    ...(file === undefined ? {} : { file: move(file) }),
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([key, values]) => [
        key,
        fileParameters.includes(key) ? values.map(move) : values,
      ]),
    ),
    inputs: inputs.map(move),
    sweep: sweep.map((part) => {
      if (part.kind === 'files') return { ...part, files: part.files.map(move) };
      return part.kind === 'table' ? { ...part, file: move(part.file) } : part;
    }),
  };
}

function pathFrom(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
