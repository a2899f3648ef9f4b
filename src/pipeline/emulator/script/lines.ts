import { ScriptFault } from './values.ts';

export interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end';
  readonly value: string;
}

/** One statement of a script: its tokens, and those indented below it. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly tokens: readonly Token[];
  readonly block: Line[];
}

const MOST_LINES = 5000;
const MOST_INDENT = 40;
const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|("""[^]*?"""|'''[^]*?''')|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|(#[^\n]*)|(\*\*|\/\/|==|!=|<>|<=|>=|\+=|-=|[-+*/%()[\]{}<>=.,:]))/y;

/** Throws ScriptFault. */
export function readLines(text: string): readonly Line[] {
  const top: Line[] = [];
  const open: { readonly indent: number; readonly block: Line[] }[] = [{ indent: -1, block: top }];
  for (const { number, indent, tokens } of logicalLines(text)) {
    while (open.length > 1 && indent <= (open.at(-1)?.indent ?? -1)) open.pop();
    if (open.length > MOST_INDENT)
      throw new ScriptFault(number, 'blocks stand too deep within one another', true);
    const line: Line = { number, tokens, block: [] };
    open.at(-1)?.block.push(line);
    open.push({ indent, block: line.block });
  }
  return top;
}

interface LogicalLine {
  readonly number: number;
  readonly indent: number;
  readonly tokens: readonly Token[];
}

/** Lines with what is within brackets joined to them; empty lines and comments are left out. */
function* logicalLines(text: string): Generator<LogicalLine> {
  const source = text.replaceAll('\r\n', '\n').replaceAll('\t', '        ');
  let at = 0;
  let number = 1;
  for (let count = 0; at < source.length; count += 1) {
    if (count > MOST_LINES)
      throw new ScriptFault(number, `the script has more than ${MOST_LINES} lines`, true);
    const indent = /[ ]*/y;
    indent.lastIndex = at;
    const width = indent.exec(source)?.[0].length ?? 0;
    const { tokens, end } = tokensFrom(source, at, number);
    if (tokens.length > 0) yield { number, indent: width, tokens };
    number += source.slice(at, end).split('\n').length - 1;
    at = end;
  }
}

/** Tokens up to the end of the line. */
function tokensFrom(source: string, start: number, line: number): { tokens: Token[]; end: number } {
  const tokens: Token[] = [];
  let depth = 0;
  let at = start;
  for (;;) {
    const blank = /[ \\]*/y;
    blank.lastIndex = at;
    const from = at + (blank.exec(source)?.[0].length ?? 0);
    if (from >= source.length) return { tokens, end: source.length };
    if (source[from] === '\n' && depth === 0) return { tokens, end: from + 1 };
    TOKEN.lastIndex = from;
    const match = TOKEN.exec(source);
    if (match === null) {
      const rest = source.slice(from).trimStart();
      if (rest === '') return { tokens, end: source.length };
      throw new ScriptFault(line, `${rest.slice(0, 20).split('\n', 1)[0] ?? ''} is not understood`, true);
    }
    at = TOKEN.lastIndex;
    const token = tokenOf(match);
    if (token === undefined) continue;
    if (token.kind === 'sign' && '([{'.includes(token.value)) depth += 1;
    if (token.kind === 'sign' && ')]}'.includes(token.value)) depth = Math.max(depth - 1, 0);
    tokens.push(token);
  }
}

function tokenOf(match: RegExpExecArray): Token | undefined {
  const [, digits, name, long, double, single, comment, sign] = match;
  if (comment !== undefined) return undefined;
  if (digits !== undefined) return { kind: 'number', value: digits };
  if (name !== undefined) return { kind: 'name', value: name };
  if (sign !== undefined) return { kind: 'sign', value: sign };
  return { kind: 'text', value: long === undefined ? unescaped(double ?? single ?? '') : long.slice(3, -3) };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
