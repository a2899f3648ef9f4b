import { basename } from 'node:path';
import type { BuildResult, TransformationOptions } from '../api.ts';
import type { TemplateValues } from '../sweep/template.ts';
import { fillTemplate, isTemplate } from '../sweep/template.ts';
import type { SubmissionDescription } from './description.ts';
import { choiceKey, choiceOf, isFileParameter } from './fileChoice.ts';
import type { GatherDeps, Gathered } from './gather.ts';

/** The combinations of a submission. */
export interface Expansion {
  readonly count: number;
  /** The jobs of one combination, from 0: usually one. */
  build(index: number): BuildResult;
}

/** Makes the jobs of a description from what was read for it; the same index always gives the same jobs. */
export function createExpansion(
  description: SubmissionDescription,
  gathered: Gathered,
  place: Pick<GatherDeps, 'sandbox' | 'staged'>,
): Expansion {
  const { sweep, transformation, readings, inputs } = gathered;
  return {
    count: sweep.count,
    build(index) {
      const varying = sweep.at(index);
      const choice = choiceOf(description, transformation, { parameters: varying, number: index + 1 });
      const number = index + 1;
      const file = choice.file === undefined ? {} : { file: basename(choice.file) };
      const values = { parameters: { ...varying, ...file, number: String(number) }, number };
      const reading = readings.get(choiceKey(choice));
      if (reading === undefined) throw new Error('a file of the submission was not read');
      const options = optionsOf(description, gathered, values, place);
      const built = reading.build({ ...options, ...nameOf(description, gathered, values, varying) });
      if (built.kind === 'problems' || inputs.length === 0) return built;
      const requests = built.requests.map((request) => ({
        ...request,
        inputs: [...(request.inputs ?? []), ...inputs],
      }));
      return { ...built, requests };
    },
  };
}

function optionsOf(
  description: SubmissionDescription,
  { transformation, paths }: Gathered,
  values: TemplateValues,
  { sandbox = false, staged = false }: Pick<GatherDeps, 'sandbox' | 'staged'>,
): TransformationOptions {
  const fill = (texts: readonly string[]): readonly string[] =>
    texts.map((text) => fillTemplate(text, values));
  const { sites, outputs } = description;
  const [site] = sites;
  const parameters = Object.entries(description.parameters).map(([name, texts]) => {
    const filled = fill(texts);
    return [
      name,
      isFileParameter(transformation, name) ? filled.map((one) => paths.get(one) ?? one) : filled,
    ];
  });
  return {
    arguments: fill(description.arguments),
    resources: description.resources,
    parameters: Object.fromEntries(parameters) as NonNullable<TransformationOptions['parameters']>,
    sandbox,
    staged,
    ...(site === undefined ? {} : { site }),
    ...(outputs === undefined ? {} : { outputs: fill(outputs) }),
  };
}

/** Characters of a job's name that values may take. */
const LONGEST_VALUES = 60;

/** The name with its parameters; one that does not speak of them gets their values behind it. */
function nameOf(
  { name, file, sweep }: SubmissionDescription,
  { transformation }: Gathered,
  values: TemplateValues,
  varying: Readonly<Record<string, string>>,
): Pick<TransformationOptions, 'name'> {
  if (name !== undefined && isTemplate(name)) return { name: fillTemplate(name, values) };
  const plain = name === undefined ? undefined : fillTemplate(name, values);
  // By itself a transformation names its jobs after the file.
  const own = Object.entries(varying).filter(([key]) => plain !== undefined || key !== 'file');
  if (own.length === 0) return plain === undefined ? {} : { name: plain };
  const words = own.map(([key, value]) => (key === 'file' ? basename(value) : value.trim())).join('-');
  const base = plain ?? baseName(file ?? varying.file) ?? transformation.label;
  return { name: sweep.length === 0 ? base : `${base}-${words.slice(0, LONGEST_VALUES)}` };
}

function baseName(file: string | undefined): string | undefined {
  return file === undefined ? undefined : basename(file);
}
