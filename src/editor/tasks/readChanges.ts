import { retryParameterProblem, splitShellWords } from '../../panda/index.ts';

/** Reads `NAME=VALUE …`, values as JSON where they are, else as text; a text says what is wrong. */
export function readChanges(text: string): Readonly<Record<string, unknown>> | string {
  const words = splitShellWords(text);
  if (words === undefined) return 'A quote is not closed';
  if (words.length === 0) return 'Name at least one parameter';
  const changes: Record<string, unknown> = {};
  for (const word of words) {
    const [, name, value] = /^([A-Za-z]\w*)=(.*)$/su.exec(word) ?? [];
    if (name === undefined || value === undefined) return `${word} is no NAME=VALUE`;
    changes[name] = jsonOr(value);
  }
  return retryParameterProblem(changes) ?? changes;
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
