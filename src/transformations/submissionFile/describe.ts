import { relative, resolve, sep } from 'node:path';
import type { Transformation, TransformationOptions } from '../api.ts';
import { fillTemplate, isTemplate, literalTemplate } from '../sweep/template.ts';
import type { SubmissionDescription } from './description.ts';
import { isFileParameter } from './fileChoice.ts';

/** What of a transformation a description depends on. */
type Described = Pick<Transformation, 'id' | 'parameters'>;

/** What somebody submits from a form or with options on the command line. */
export interface SubmittedChoice {
  readonly transformation: Described;
  /** Absolute path of the main file. */
  readonly file?: string;
  readonly options: TransformationOptions;
}

/** The same as a description, with paths relative to `folder`. */
export function describeSubmission(choice: SubmittedChoice, folder: string): SubmissionDescription {
  const { transformation, file, options } = choice;
  const { name, site, resources = {}, parameters = {}, outputs } = options;
  const given = Object.entries(parameters).filter(([, values]) => values.length > 0);
  return {
    transformation: transformation.id,
    ...(file === undefined ? {} : { file: pathFrom(folder, file) }),
    ...(name === undefined ? {} : { name: literalTemplate(name) }),
    sites: site === undefined ? [] : [site],
    resources,
    parameters: Object.fromEntries(
      given.map(([key, values]) => {
        const texts = isFileParameter(transformation, key)
          ? values.map((path) => pathFrom(folder, path))
          : values;
        return [key, texts.map(literalTemplate)];
      }),
    ),
    arguments: (options.arguments ?? []).map(literalTemplate),
    ...(outputs === undefined ? {} : { outputs: outputs.map(literalTemplate) }),
    inputs: [],
    sweep: [],
  };
}

/** Absolute paths of the files of this machine that a choice names. */
export function filesOfChoice({ transformation, file, options }: SubmittedChoice): readonly string[] {
  const named = Object.entries(options.parameters ?? {}).flatMap(([name, values]) =>
    isFileParameter(transformation, name) ? values : [],
  );
  return file === undefined ? named : [file, ...named];
}

/** The choice that describes itself so; undefined where more is asked for than a form can hold. */
export function choiceOfDescription(
  description: SubmissionDescription,
  folder: string,
  transformation: Described,
): SubmittedChoice | undefined {
  const { file, name, sites, resources, parameters, arguments: words, outputs } = description;
  const { inputs, sweep, stagingFolder } = description;
  const [site, ...others] = sites;
  if (others.length > 0 || inputs.length > 0 || sweep.length > 0 || stagingFolder !== undefined)
    return undefined;
  const texts = [name ?? '', ...Object.values(parameters).flat(), ...words, ...(outputs ?? [])];
  if (texts.some(isTemplate)) return undefined;
  const plain = (text: string): string => fillTemplate(text, { parameters: {}, number: 1 });
  const options: TransformationOptions = {
    ...(name === undefined ? {} : { name: plain(name) }),
    ...(site === undefined ? {} : { site }),
    ...(Object.keys(resources).length === 0 ? {} : { resources }),
    ...(words.length === 0 ? {} : { arguments: words.map(plain) }),
    ...(outputs === undefined ? {} : { outputs: outputs.map(plain) }),
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([key, values]) => {
        const filled = values.map(plain);
        return [
          key,
          isFileParameter(transformation, key) ? filled.map((path) => resolve(folder, path)) : filled,
        ];
      }),
    ),
  };
  return { transformation, options, ...(file === undefined ? {} : { file: resolve(folder, file) }) };
}

/** The same description for another folder: its relative paths lead to the same files from there. */
export function rebaseDescription(
  description: SubmissionDescription,
  folders: { readonly from: string; readonly to: string },
  transformations: readonly Described[],
): SubmissionDescription {
  const transformation = transformations.find(({ id }) => id === description.transformation);
  const move = (path: string): string => pathFrom(folders.to, resolve(folders.from, path));
  const { file, parameters, inputs, sweep } = description;
  return {
    ...description,
    ...(file === undefined ? {} : { file: move(file) }),
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([key, values]) => [
        key,
        transformation !== undefined && isFileParameter(transformation, key) ? values.map(move) : values,
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
