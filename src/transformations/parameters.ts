import { isAbsolute } from 'node:path/posix';
import type { Problem } from '../panda/index.ts';
import type { Parameter, TransformationOptions } from './api.ts';

/** Reads the values of a transformation's own parameters, and gathers what is wrong with them. */
export class ParameterReader {
  readonly problems: Problem[] = [];
  readonly #options: TransformationOptions;

  constructor(known: readonly Parameter[], options: TransformationOptions) {
    this.#options = options;
    for (const [name, values] of Object.entries(options.parameters ?? {})) {
      const parameter = known.find((one) => one.name === name);
      if (parameter === undefined) this.note(name, `There is no parameter ${name}.`);
      else if (values.length > 1 && parameter.multiple !== true) {
        this.note(name, `${parameter.label} can be given once only.`);
      } else if (parameter.choices !== undefined) this.#checkChoice(parameter, values);
    }
  }

  note(name: string, message: string): void {
    this.problems.push({ where: `parameters.${name}`, message });
  }

  all(name: string): readonly string[] {
    return this.#options.parameters?.[name] ?? [];
  }

  text(name: string): string | undefined {
    const value = this.all(name).at(-1);
    if (value === undefined) return undefined;
    if (/[\0-\u001f\u007f]/u.test(value)) this.note(name, 'Control characters cannot be passed on.');
    return value === '' ? undefined : value;
  }

  /** A whole number from 1. */
  count(name: string, otherwise: number): number {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    if (/^[1-9]\d{0,4}$/u.test(value)) return Number(value);
    this.note(name, `Not a whole number from 1: ${value}`);
    return otherwise;
  }

  /** A path at the site. */
  path(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !isAbsolute(value)) {
      this.note(name, `Not an absolute path: ${value}`);
    }
    return value;
  }

  #checkChoice({ name, choices = [] }: Parameter, values: readonly string[]): void {
    const wrong = values.find((value) => !choices.includes(value));
    if (wrong !== undefined) this.note(name, `${wrong} is none of ${choices.join(', ')}.`);
  }
}

/** Parameters of everything whose software has to be found at the site. */
export const SOFTWARE_PARAMETERS: readonly Parameter[] = [
  {
    name: 'software',
    label: 'Software',
    value: 'PATH',
    help: 'where its software is at the site, on CVMFS perhaps; or stand-in (the default in a sandbox)',
    kind: 'text',
  },
  {
    name: 'image',
    label: 'Container',
    value: 'IMAGE',
    help: 'container image to run it in, for apptainer or singularity at the site',
    kind: 'text',
    seldom: true,
  },
  {
    name: 'setup',
    label: 'Set-up file',
    value: 'PATH',
    help: 'file at the site to be sourced first',
    kind: 'text',
    seldom: true,
  },
];

/** The word for software that is only imitated. */
export const STAND_IN = 'stand-in';

/** What software to run: the stand-in where asked for or in a sandbox, else a path at the site. */
export function readSoftware(
  reader: ParameterReader,
  options: TransformationOptions,
  missing: string,
): string {
  const software = reader.text('software') ?? (options.sandbox === true ? STAND_IN : undefined);
  if (software === undefined) reader.note('software', missing);
  else if (software !== STAND_IN) reader.path('software');
  return software ?? STAND_IN;
}
