import { format } from './format.ts';
import { ExpressionError, number } from './values.ts';
import type { Value } from './values.ts';

/**
 * `${…}` in the texts of a task file: names, dotted names, `format(x, "%06d")`, numbers, texts in quotes (with `${…}` in
 * them), `? :`, comparisons, `&&`, `||`, `!`, arithmetic and parentheses.
 */

/** What a name stands for; undefined where it is not known. */
export type Lookup = (name: string) => Value | undefined;

export interface Expansion {
  /** The text with all that could be worked out; what could not stands in it as it was. */
  readonly text: string;
  /** Names that are not known. */
  readonly unknown: readonly string[];
  /** Expressions that are not understood, each as a clause. */
  readonly faults: readonly string[];
}

/** Expressions within expressions. */
const MOST_DEPTH = 40;
const MOST_TOKENS = 500;
/** UTF-16 units of what a text may become. */
const MOST_TEXT = 1_000_000;

export function expand(text: string, lookup: Lookup): Expansion {
  const unknown = new Set<string>();
  const faults: string[] = [];
  const parts = pieces(text).map((piece) => {
    if (piece.expression === undefined) return piece.text;
    try {
      return show(evaluate(piece.expression, lookup));
    } catch (error) {
      if (error instanceof UnknownName) unknown.add(error.unknown);
      else if (error instanceof ExpressionError) faults.push(error.message);
      else throw error;
      return piece.text;
    }
  });
  const result = parts.join('');
  return { text: result.slice(0, MOST_TEXT), unknown: [...unknown], faults };
}

/** Names that the expressions of a text use, and what is wrong with them. */
export function inspect(text: string): {
  readonly names: readonly string[];
  readonly faults: readonly string[];
} {
  const names = new Set<string>();
  const faults: string[] = [];
  for (const { expression } of pieces(text)) {
    if (expression === undefined) continue;
    try {
      new Parser(expression, 0, (name) => names.add(name)).whole();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      faults.push(error.message);
    }
  }
  return { names: [...names], faults };
}

/** Throws ExpressionError; UnknownName, which is one, for a name that is not known. */
export function evaluate(expression: string, lookup: Lookup, depth = 0): Value {
  return new Parser(expression, depth).whole()(lookup);
}

export class UnknownName extends ExpressionError {
  readonly unknown: string;
  constructor(name: string) {
    super(`${name} is not known`);
    this.unknown = name;
  }
}

interface Piece {
  readonly text: string;
  /** Within `${…}`. */
  readonly expression?: string;
}

/** A text cut into what stands for itself and expressions. A `${` without its end stands for itself. */
function pieces(text: string): readonly Piece[] {
  const found: Piece[] = [];
  let done = 0;
  for (let start = text.indexOf('${'); start >= 0; start = text.indexOf('${', done)) {
    const end = closing(text, start + 2);
    if (end < 0) break;
    if (start > done) found.push({ text: text.slice(done, start) });
    found.push({ text: text.slice(start, end + 1), expression: text.slice(start + 2, end) });
    done = end + 1;
  }
  if (done < text.length) found.push({ text: text.slice(done) });
  return found;
}

/** Offset of the brace that closes the expression beginning at `start`, or -1; quotes within may hold others. */
function closing(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') depth += 1;
    else if (character === '}') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}

type Node = (lookup: Lookup) => Value;

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|"([^"]*)"|'([^']*)'|(==|!=|<=|>=|&&|\|\||[?:()<>!+\-*/%,]))/y;

interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'sign' | 'end';
  readonly value: string;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #depth: number;
  readonly #onName: (name: string) => void;
  #at = 0;
  #nested = 0;

  constructor(source: string, depth: number, onName: (name: string) => void = () => undefined) {
    if (depth > MOST_DEPTH) throw new ExpressionError('expressions stand too deep within one another');
    this.#tokens = tokens(source);
    this.#depth = depth;
    this.#onName = onName;
  }

  whole(): Node {
    const node = this.#choice();
    if (this.#peek().kind !== 'end') throw new ExpressionError(`${this.#peek().value} is not expected there`);
    return node;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', value: '' };
  }

  #take(sign: string): boolean {
    const { kind, value } = this.#peek();
    if (kind !== 'sign' || value !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw new ExpressionError(`${sign} is missing`);
  }

  #choice(): Node {
    return this.#within(() => {
      const condition = this.#binary(0);
      if (!this.#take('?')) return condition;
      const yes = this.#choice();
      this.#expect(':');
      const no = this.#choice();
      return (lookup) => (isTrue(condition(lookup)) ? yes(lookup) : no(lookup));
    });
  }

  #binary(level: number): Node {
    const signs = LEVELS[level];
    if (signs === undefined) return this.#unary();
    let node = this.#binary(level + 1);
    for (;;) {
      const sign = signs.find((candidate) => this.#take(candidate));
      if (sign === undefined) return node;
      const left = node;
      const right = this.#binary(level + 1);
      const operate = OPERATORS[sign];
      node = (lookup) => operate?.(left(lookup), () => right(lookup)) ?? '';
    }
  }

  #unary(): Node {
    if (this.#take('!')) {
      const node = this.#within(() => this.#unary());
      return (lookup) => bool(!isTrue(node(lookup)));
    }
    if (this.#take('-')) {
      const node = this.#within(() => this.#unary());
      return (lookup) => -number(node(lookup));
    }
    return this.#primary();
  }

  #within(parse: () => Node): Node {
    this.#nested += 1;
    if (this.#nested > MOST_DEPTH) throw new ExpressionError('expressions stand too deep within one another');
    const node = parse();
    this.#nested -= 1;
    return node;
  }

  #primary(): Node {
    const { kind, value } = this.#peek();
    if (this.#take('(')) {
      const node = this.#choice();
      this.#expect(')');
      return node;
    }
    this.#at += 1;
    if (kind === 'number') return () => Number(value);
    if (kind === 'text') return this.#quoted(value);
    if (kind !== 'name')
      throw new ExpressionError(value === '' ? 'its end is missing' : `${value} is not expected there`);
    if (this.#take('(')) return this.#call(value);
    this.#onName(value);
    return (lookup) => {
      const found = lookup(value);
      if (found === undefined) throw new UnknownName(value);
      return found;
    };
  }

  /** A text in quotes, which may hold expressions itself. */
  #quoted(text: string): Node {
    const nodes = pieces(text).map((piece): Node => {
      if (piece.expression === undefined) return () => piece.text;
      return new Parser(piece.expression, this.#depth + 1, this.#onName).whole();
    });
    return (lookup) => nodes.map((node) => show(node(lookup))).join('');
  }

  #call(name: string): Node {
    if (name !== 'format') throw new ExpressionError(`there is no function ${name}`);
    const value = this.#choice();
    this.#expect(',');
    const form = this.#choice();
    this.#expect(')');
    return (lookup) => format(value(lookup), show(form(lookup)));
  }
}

/** Signs that bind alike, the loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const OPERATORS: Readonly<Record<string, (left: Value, right: () => Value) => Value>> = {
  '||': (left, right) => bool(isTrue(left) || isTrue(right())),
  '&&': (left, right) => bool(isTrue(left) && isTrue(right())),
  '==': (left, right) => bool(same(left, right())),
  '!=': (left, right) => bool(!same(left, right())),
  '<=': (left, right) => bool(number(left) <= number(right())),
  '>=': (left, right) => bool(number(left) >= number(right())),
  '<': (left, right) => bool(number(left) < number(right())),
  '>': (left, right) => bool(number(left) > number(right())),
  '+': (left, right) => sum(left, right()),
  '-': (left, right) => number(left) - number(right()),
  '*': (left, right) => number(left) * number(right()),
  '/': (left, right) => quotient(number(left), number(right())),
  '%': (left, right) => number(left) % number(right()),
};

function tokens(source: string): readonly Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) {
      const rest = source.slice(from).trim();
      if (rest === '') break;
      throw new ExpressionError(`${rest.slice(0, 20)} is not understood`);
    }
    if (found.length >= MOST_TOKENS) throw new ExpressionError('it is too long');
    const [, digits, name, double, single, sign] = match;
    if (digits !== undefined) found.push({ kind: 'number', value: digits });
    else if (name !== undefined) found.push({ kind: 'name', value: name });
    else if (sign !== undefined) found.push({ kind: 'sign', value: sign });
    else found.push({ kind: 'text', value: double ?? single ?? '' });
  }
  return found;
}

function bool(value: boolean): Value {
  return value ? 'true' : 'false';
}

function isTrue(value: Value): boolean {
  return value !== 'false' && value !== '' && value !== 0;
}

function quotient(left: number, right: number): number {
  if (right === 0) throw new ExpressionError('it divides by 0');
  return left / right;
}

function isNumber(value: Value): boolean {
  return typeof value === 'number' || (value.trim() !== '' && Number.isFinite(Number(value)));
}

function same(left: Value, right: Value): boolean {
  return isNumber(left) && isNumber(right) ? Number(left) === Number(right) : String(left) === String(right);
}

function sum(left: Value, right: Value): Value {
  return isNumber(left) && isNumber(right) ? Number(left) + Number(right) : `${left}${right}`;
}

function show(value: Value): string {
  return String(value);
}
