import { relative, resolve, sep } from 'node:path';
import type { Transformation, TransformationOptions } from '../api.ts';
import { fillTemplate, isTemplate, literalTemplate } from '../sweep/template.ts';
import type { TaskSettings } from '../task/gatherTask.ts';
import type { SubmissionDescription, TaskDescription } from './description.ts';
import { isFileParameter } from './fileChoice.ts';

/** What of a transformation a description depends on. */
type Described = Pick<Transformation, 'id' | 'parameters'>;

/** What somebody submits from a form or with options on the command line. */
export interface SubmittedChoice {
  readonly transformation: Described;
  /** Absolute path of the main file. */
  readonly file?: string;
  readonly options: TransformationOptions;
  /** Undefined: jobs of their own. The folder is absolute. */
  readonly task?: TaskSettings;
}

/** The same as a description, with paths relative to `folder`. */
export function describeSubmission(choice: SubmittedChoice, folder: string): SubmissionDescription {
  const { transformation, file, options, task } = choice;
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
    arguments: (options.arguments ?? []).map(task?.jobs === undefined ? literalTemplate : numbersOfSweep),
    ...(outputs === undefined ? {} : { outputs: outputs.map(literalTemplate) }),
    inputs: [],
    sweep: task?.jobs === undefined ? [] : [{ kind: 'repeat', count: task.jobs }],
    ...(task === undefined ? {} : { task: describeTask(task, folder) }),
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
  const { inputs, sweep, stagingFolder, task } = description;
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
  return {
    transformation,
    options,
    ...(file === undefined ? {} : { file: resolve(folder, file) }),
    ...(task === undefined ? {} : { task: withFolder(task, (path) => resolve(folder, path)) }),
  };
}

/** The same description for another folder: its relative paths lead to the same files from there. */
export function rebaseDescription(
  description: SubmissionDescription,
  folders: { readonly from: string; readonly to: string },
  transformations: readonly Described[],
): SubmissionDescription {
  const transformation = transformations.find(({ id }) => id === description.transformation);
  const move = (path: string): string => pathFrom(folders.to, resolve(folders.from, path));
  const { file, parameters, inputs, sweep, task } = description;
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
    ...(task === undefined ? {} : { task: withFolder(task, move) }),
  };
}

/** PanDA adds one to the number of the first job, a sweep does not. */
function numbersOfSweep(text: string): string {
  return text.replaceAll(/%RNDM[:=](\d{1,9})%?/gu, (_, from: string) => `%RNDM:${Number(from) + 1}`);
}

function describeTask({ attempts, folder }: TaskSettings, from: string): TaskDescription {
  return { attempts, ...(folder === undefined ? {} : { folder: pathFrom(from, folder) }) };
}

function withFolder(task: TaskDescription, change: (path: string) => string): TaskDescription {
  const { folder } = task;
  return folder === undefined ? task : { ...task, folder: change(folder) };
}

function pathFrom(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/') || '.';
}
