import type { Problem, Resources } from '../panda/index.ts';
import type { TransformationOptions } from './api.ts';

/** What a small job gets unless told otherwise. */
export const DEFAULT_RESOURCES: Resources = { cores: 1, memoryMB: 2000, diskMB: 1000, walltimeSeconds: 3600 };

export function withDefaults(
  resources: TransformationOptions['resources'],
  defaults = DEFAULT_RESOURCES,
): Resources {
  return { ...defaults, ...resources };
}

/** Everything wrong with what was chosen besides the file. */
export function checkOptions(options: TransformationOptions): Problem[] {
  return [
    ...checkName(options.name),
    ...checkArguments(options.arguments ?? []),
    ...checkResources(withDefaults(options.resources)),
    ...checkOutputs(options.outputs ?? []),
  ];
}

function checkName(name: string | undefined): Problem[] {
  return name?.trim() === '' ? [{ where: 'name', message: 'The name is empty.' }] : [];
}

function checkArguments(words: readonly string[]): Problem[] {
  return words.flatMap((word, index) =>
    word.includes('\0')
      ? [{ where: `arguments[${index}]`, message: 'A NUL character cannot be passed to a program.' }]
      : [],
  );
}

function checkResources(resources: Resources): Problem[] {
  return Object.entries(resources).flatMap(([name, value]: [string, number]) =>
    Number.isSafeInteger(value) && value >= 1
      ? []
      : [{ where: `resources.${name}`, message: `Not a whole number from 1: ${value}` }],
  );
}

/** An output is named `<jobName>.<output>` in the end and travels in lists joined by commas. */
function checkOutputs(outputs: readonly string[]): Problem[] {
  return outputs.flatMap((name, index) => {
    const message = outputFault(name, outputs.indexOf(name) !== index);
    return message === undefined ? [] : [{ where: `outputs[${index}]`, message }];
  });
}

const MAX_OUTPUT_NAME = 50;

function outputFault(name: string, isRepeated: boolean): string | undefined {
  if (isRepeated) return `The output is named twice: ${name}`;
  if (name === '' || name === '.' || name === '..') return 'An output needs a file name.';
  if (name.length > MAX_OUTPUT_NAME) return `The name is longer than ${MAX_OUTPUT_NAME} characters: ${name}`;
  const bad = /[/\\,=\u0000-\u001f\u007f]/u.exec(name)?.[0];
  if (bad === '/') return `An output is written in the job's own folder, so its name has no slash: ${name}`;
  return bad === undefined ? undefined : `The name of an output cannot hold ${JSON.stringify(bad)}: ${name}`;
}
