import type { ParameterValues, Transformation } from '../api.ts';
import type { Sweep } from '../sweep/sweep.ts';
import { fillTemplate, isTemplate } from '../sweep/template.ts';
import type { TemplateValues } from '../sweep/template.ts';
import type { SubmissionDescription } from './description.ts';

/** The files that one job is made of, by the names written. */
export interface FileChoice {
  /** The main file. */
  readonly file: string | undefined;
  /** Parameters of the transformation that name files. */
  readonly parameters: ParameterValues;
}

/** The same text for the same choice. */
export function choiceKey({ file, parameters }: FileChoice): string {
  return JSON.stringify([file ?? null, Object.entries(parameters)]);
}

export function isFileParameter({ parameters }: Pick<Transformation, 'parameters'>, name: string): boolean {
  return parameters.some((parameter) => parameter.name === name && parameter.kind === 'file');
}

/** The files of the job with these values. */
export function choiceOf(
  description: SubmissionDescription,
  transformation: Transformation,
  values: TemplateValues,
): FileChoice {
  const parameters: Record<string, readonly string[]> = {};
  for (const [name, texts] of Object.entries(description.parameters)) {
    if (isFileParameter(transformation, name)) {
      parameters[name] = texts.map((text) => fillTemplate(text, values));
    }
  }
  return { file: description.file ?? values.parameters.file, parameters };
}

/** Every different choice that occurs in a sweep. */
export function* choicesOf(
  description: SubmissionDescription,
  transformation: Transformation,
  sweep: Sweep,
): Generator<FileChoice> {
  const varies =
    description.sweep.some(({ kind }) => kind === 'files') ||
    Object.entries(description.parameters).some(
      ([name, texts]) => isFileParameter(transformation, name) && texts.some(isTemplate),
    );
  const seen = new Set<string>();
  for (let index = 0; index < (varies ? sweep.count : Math.min(1, sweep.count)); index += 1) {
    const values = { parameters: sweep.at(index), number: index + 1 };
    const choice = choiceOf(description, transformation, values);
    const key = choiceKey(choice);
    if (!seen.has(key)) yield choice;
    seen.add(key);
  }
}
