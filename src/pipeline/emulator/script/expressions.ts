import type { Token } from './lines.ts';
import { callMethod } from './methods.ts';
import { applyOperator } from './operators.ts';
import { isFunction, isTrue, ScriptFault, textOf } from './values.ts';
import type { ScriptValue } from './values.ts';

/** What a script is run with. */
export interface Scope {
  get(name: string): ScriptValue | undefined;
  /** Throws ScriptFault where a script does too much. */
  step(line: number): void;
}

type Node = (scope: Scope) => ScriptValue;

const MOST_DEPTH = 60;
const COMPARISONS = ['==', '!=', '<>', '<=', '>=', '<', '>'];

/** Reads expressions out of the tokens of a line. All its methods throw ScriptFault. */
export class ExpressionReader {
  readonly #tokens: readonly Token[];
  readonly #line: number;
  #at: number;
  #depth = 0;

  constructor(tokens: readonly Token[], line: number, at = 0) {
    this.#tokens = tokens;
    this.#line = line;
    this.#at = at;
  }

  /** Number of the next token. */
  get position(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peek(offset = 0): Token {
    return this.#tokens[this.#at + offset] ?? { kind: 'end', value: 'the end of the line' };
  }

  take(value: string): boolean {
    const token = this.peek();
    if ((token.kind !== 'sign' && token.kind !== 'name') || token.value !== value) return false;
    this.#at += 1;
    return true;
  }

  expect(value: string): void {
    if (!this.take(value)) this.fail(`${value} is expected before ${this.peek().value}`);
  }

  name(): string {
    const { kind, value } = this.peek();
    if (kind !== 'name') this.fail(`a name is expected before ${value}`);
    this.#at += 1;
    return value;
  }

  fail(what: string): never {
    throw new ScriptFault(this.#line, what, true);
  }

  /** One expression, or several with commas between, which make a list. */
  list(): Node {
    const nodes = [this.expression()];
    while (this.take(','))
      if (!this.atEnd && !CLOSING.includes(this.peek().value)) nodes.push(this.expression());
    const [first] = nodes;
    return first !== undefined && nodes.length === 1 ? first : (scope) => nodes.map((node) => node(scope));
  }

  expression(): Node {
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) this.fail('expressions stand too deep within one another');
    let node = this.#and();
    while (this.take('or')) {
      const left = node;
      const right = this.#and();
      node = (scope) => {
        const value = left(scope);
        return isTrue(value) ? value : right(scope);
      };
    }
    this.#depth -= 1;
    return node;
  }

  #and(): Node {
    let node = this.#not();
    while (this.take('and')) {
      const left = node;
      const right = this.#not();
      node = (scope) => {
        const value = left(scope);
        return isTrue(value) ? right(scope) : value;
      };
    }
    return node;
  }

  #not(): Node {
    if (!this.take('not')) return this.#comparison();
    const node = this.#not();
    return (scope) => !isTrue(node(scope));
  }

  #comparison(): Node {
    const left = this.#sum();
    const sign = this.#comparisonSign();
    if (sign === undefined) return left;
    return this.#binary(sign, left, this.#sum());
  }

  #comparisonSign(): string | undefined {
    if (this.peek().value === 'not' && this.peek(1).value === 'in') {
      this.#at += 2;
      return 'not in';
    }
    if (this.take('in')) return 'in';
    return COMPARISONS.find((sign) => this.take(sign));
  }

  #sum(): Node {
    let node = this.#product();
    for (;;) {
      const sign = ['+', '-'].find((candidate) => this.take(candidate));
      if (sign === undefined) return node;
      node = this.#binary(sign, node, this.#product());
    }
  }

  #product(): Node {
    let node = this.#unary();
    for (;;) {
      const sign = ['*', '//', '/', '%'].find((candidate) => this.take(candidate));
      if (sign === undefined) return node;
      node = this.#binary(sign, node, this.#unary());
    }
  }

  #binary(sign: string, left: Node, right: Node): Node {
    const line = this.#line;
    return (scope) => {
      scope.step(line);
      return applyOperator(sign, left(scope), right(scope), line);
    };
  }

  #unary(): Node {
    if (!this.take('-')) return this.#postfix(this.#primary());
    const node = this.#postfix(this.#primary());
    return this.#binary('-', () => 0, node);
  }

  /** Calls, members and elements behind a value. */
  #postfix(start: Node): Node {
    let node = start;
    for (;;) {
      if (this.take('.')) node = this.#method(node, this.name());
      else if (this.take('(')) node = this.#call(node);
      else if (this.take('[')) node = this.#element(node);
      else return node;
    }
  }

  #method(owner: Node, name: string): Node {
    if (!this.take('(')) this.fail(`.${name} without a call is not run by the emulator`);
    const args = this.#arguments(')');
    const line = this.#line;
    return (scope) => {
      scope.step(line);
      return callMethod(
        owner(scope),
        name,
        args.map((arg) => arg(scope)),
        line,
      );
    };
  }

  #call(target: Node): Node {
    const args = this.#arguments(')');
    const line = this.#line;
    return (scope) => {
      scope.step(line);
      const called = target(scope);
      if (!isFunction(called)) throw new ScriptFault(line, 'what is called is no function', false);
      return called.call(args.map((arg) => arg(scope)));
    };
  }

  #element(owner: Node): Node {
    const index = this.expression();
    if (!this.take(']')) this.fail('slices are not run by the emulator');
    const line = this.#line;
    return (scope) => {
      scope.step(line);
      return elementOf(owner(scope), index(scope), line);
    };
  }

  #arguments(end: string): readonly Node[] {
    const nodes: Node[] = [];
    while (!this.take(end)) {
      if (this.peek().kind === 'name' && this.peek(1).value === '=')
        this.fail('named arguments are not run by the emulator');
      nodes.push(this.expression());
      if (this.peek().value === 'for') this.fail('comprehensions are not run by the emulator');
      if (!this.take(',') && this.peek().value !== end)
        this.fail(`${this.peek().value} is not expected there`);
    }
    return nodes;
  }

  #primary(): Node {
    const { kind, value } = this.peek();
    if (this.take('(')) {
      if (this.take(')')) return () => [];
      const node = this.list();
      this.expect(')');
      return node;
    }
    if (this.take('[')) {
      const nodes = this.#arguments(']');
      return (scope) => nodes.map((node) => node(scope));
    }
    if (this.take('{')) return this.#map();
    this.#at += 1;
    if (kind === 'number') return () => Number(value);
    if (kind === 'text') return this.#texts(value);
    if (kind !== 'name') this.fail(`${value} is not expected there`);
    const line = this.#line;
    return (scope) => {
      const found = CONSTANTS.has(value) ? CONSTANTS.get(value) : scope.get(value);
      if (found === undefined) throw new ScriptFault(line, `${value} is not known to the emulator`, true);
      return found;
    };
  }

  /** Texts that stand side by side are one. */
  #texts(first: string): Node {
    let text = first;
    while (this.peek().kind === 'text') {
      text += this.peek().value;
      this.#at += 1;
    }
    return () => text;
  }

  #map(): Node {
    const items: (readonly [Node, Node])[] = [];
    while (!this.take('}')) {
      const key = this.expression();
      this.expect(':');
      items.push([key, this.expression()]);
      if (!this.take(',') && this.peek().value !== '}')
        this.fail(`${this.peek().value} is not expected there`);
    }
    return (scope) => new Map(items.map(([key, item]) => [textOf(key(scope)), item(scope)] as const));
  }
}

const CLOSING = [')', ']', '}', ':', '='];
const CONSTANTS: ReadonlyMap<string, ScriptValue> = new Map<string, ScriptValue>([
  ['None', null],
  ['True', true],
  ['False', false],
]);

function elementOf(owner: ScriptValue, index: ScriptValue, line: number): ScriptValue {
  if (owner instanceof Map) {
    const found = owner.get(textOf(index));
    if (found === undefined) throw new ScriptFault(line, `there is nothing under ${textOf(index)}`, false);
    return found;
  }
  if ((Array.isArray(owner) || typeof owner === 'string') && typeof index === 'number') {
    const found = owner.at(index);
    if (found === undefined) throw new ScriptFault(line, `there is no element ${index}`, false);
    return found;
  }
  throw new ScriptFault(line, 'it has no elements', false);
}
