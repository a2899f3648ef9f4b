import type { Envelope } from './answer.ts';
import { pythonLiteral } from './pythonText.ts';

export type ParsedJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** Parses JSON; says what is wrong with it in the words of Python's `json` module. */
export function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, message: describeFailure(text) };
  }
}

/** JSON in pure ASCII: the answers are `text/plain` without a charset. */
export function asciiJson(value: unknown): string {
  return asciiOnly(JSON.stringify(value));
}

function asciiOnly(json: string): string {
  return /[^\x20-\x7e]/u.test(json)
    ? json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : json;
}

/** Data of an answer that are JSON already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A body as its client wants it: JSON, or a Python literal for those that did not ask for exactly JSON. */
export function encodeBody(value: unknown, asJson: boolean): string {
  return asJson ? asciiJson(value) : pythonLiteral(value);
}

/** An envelope as its client wants it. */
export function encodeEnvelope({ success, message, data }: Envelope, asJson: boolean): string {
  if (!(data instanceof JsonText)) return encodeBody({ success, message, data }, asJson);
  const text = asciiOnly(data.text);
  if (!asJson) return pythonLiteral({ success, message, data: JSON.parse(text) as unknown });
  return `{"success":${success},"message":${asciiJson(message)},"data":${text}}`;
}

class Failure extends Error {
  readonly index: number;
  constructor(what: string, index: number) {
    super(what);
    this.index = index;
  }
}

const MAX_DEPTH = 400;

function describeFailure(text: string): string {
  try {
    const end = skipBlanks(text, scanValue(text, skipBlanks(text, 0), 0));
    throw new Failure('Extra data', end);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const before = text.slice(0, error.index);
    const line = before.split('\n').length;
    const column = error.index - before.lastIndexOf('\n');
    return `${error.message}: line ${line} column ${column} (char ${error.index})`;
  }
}

function skipBlanks(text: string, from: number): number {
  let index = from;
  while (' \t\n\r'.includes(text[index] ?? 'x')) index++;
  return index;
}

const NUMBER_OR_WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|NaN|-?Infinity/uy;

/** Returns the index after the value that starts at `index`. */
function scanValue(text: string, index: number, depth: number): number {
  if (depth > MAX_DEPTH) throw new Failure('Expecting value', index);
  const first = text[index];
  if (first === '"') return scanString(text, index);
  if (first === '{') return scanMembers(text, index, depth);
  if (first === '[') return scanElements(text, index, depth);
  NUMBER_OR_WORD.lastIndex = index;
  const found = NUMBER_OR_WORD.exec(text);
  if (found === null) throw new Failure('Expecting value', index);
  return index + found[0].length;
}

function scanString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index] ?? '';
    if (character === '"') return index + 1;
    if (character < ' ') throw new Failure('Invalid control character at', index);
    if (character === '\\') {
      index++;
      if (!'"\\/bfnrtu'.includes(text[index] ?? '?')) throw new Failure('Invalid \\escape', index - 1);
    }
  }
  throw new Failure('Unterminated string starting at', start);
}

function scanElements(text: string, start: number, depth: number): number {
  let index = skipBlanks(text, start + 1);
  if (text[index] === ']') return index + 1;
  for (;;) {
    index = skipBlanks(text, scanValue(text, index, depth + 1));
    if (text[index] === ']') return index + 1;
    if (text[index] !== ',') throw new Failure("Expecting ',' delimiter", index);
    index = skipBlanks(text, index + 1);
  }
}

function scanMembers(text: string, start: number, depth: number): number {
  let index = skipBlanks(text, start + 1);
  if (text[index] === '}') return index + 1;
  for (;;) {
    if (text[index] !== '"') throw new Failure('Expecting property name enclosed in double quotes', index);
    index = skipBlanks(text, scanString(text, index));
    if (text[index] !== ':') throw new Failure("Expecting ':' delimiter", index);
    index = skipBlanks(text, scanValue(text, skipBlanks(text, index + 1), depth + 1));
    if (text[index] === '}') return index + 1;
    if (text[index] !== ',') throw new Failure("Expecting ',' delimiter", index);
    index = skipBlanks(text, index + 1);
  }
}
