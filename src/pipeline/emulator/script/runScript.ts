import { ExpressionReader } from './expressions.ts';
import type { Scope } from './expressions.ts';
import { readLines } from './lines.ts';
import type { Line } from './lines.ts';
import { BUILT_IN, itemsOf } from './methods.ts';
import { applyOperator } from './operators.ts';
import { isTrue, ScriptFault, textOf } from './values.ts';
import type { ScriptValue } from './values.ts';

const MOST_STEPS = 200_000;
const MOST_OUTPUT = 10_000;

/**
 * Runs what is simple of Python 2: assignments, `for`, `if`, `print`, expressions, calls of `known` and of the built-in
 * functions. Gives what was printed. Throws ScriptFault at the first line that is wrong or more than that.
 */
export function runScript(text: string, known: (name: string) => ScriptValue | undefined): string {
  return new Interpreter(known).run(readLines(text));
}

class Interpreter implements Scope {
  readonly #known: (name: string) => ScriptValue | undefined;
  readonly #variables = new Map<string, ScriptValue>();
  #output = '';
  #steps = 0;

  constructor(known: (name: string) => ScriptValue | undefined) {
    this.#known = known;
  }

  get(name: string): ScriptValue | undefined {
    return this.#variables.get(name) ?? this.#known(name) ?? BUILT_IN.get(name);
  }

  step(line: number): void {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw new ScriptFault(line, 'the script takes too many steps', true);
  }

  run(lines: readonly Line[]): string {
    this.#block(lines);
    return this.#output.trimEnd();
  }

  #block(lines: readonly Line[]): void {
    let decided = false;
    for (const line of lines) {
      this.step(line.number);
      const word = line.tokens[0]?.value ?? '';
      try {
        if (word === 'elif' || word === 'else') decided = this.#branch(line, word, decided);
        else if (word === 'if') decided = this.#branch(line, word, false);
        else this.#statement(line, word);
      } catch (error) {
        if (error instanceof ScriptFault && error.line === 0) {
          throw new ScriptFault(line.number, error.message.replace(/^line 0: /, ''), error.beyondUs);
        }
        throw error;
      }
    }
  }

  /** Whether one branch has been taken. */
  #branch(line: Line, word: string, decided: boolean): boolean {
    const reader = new ExpressionReader(line.tokens, line.number, 1);
    const condition = word === 'else' ? undefined : reader.expression();
    const body = bodyOf(line, reader);
    if (decided) return true;
    if (condition !== undefined && !isTrue(condition(this))) return false;
    this.#block(body);
    return true;
  }

  #statement(line: Line, word: string): void {
    const reader = new ExpressionReader(line.tokens, line.number, 1);
    switch (word) {
      case 'import':
      case 'from':
        this.#import(line);
        break;
      case 'pass':
        break;
      case 'print':
        this.#print(line, reader);
        break;
      case 'for':
        this.#loop(line, reader);
        break;
      default:
        if (REFUSED.has(word)) throw new ScriptFault(line.number, `${word} is not run by the emulator`, true);
        this.#assignOrCall(line);
    }
  }

  /** HashMap and what is needed for texts are there already; of others nothing is. */
  #import(line: Line): void {
    const module = line.tokens[1]?.value ?? '';
    if (module === 'java' || module === 'sys' || module === 'string') return;
    throw new ScriptFault(line.number, `the module ${module} is not there in the emulator`, true);
  }

  #print(line: Line, reader: ExpressionReader): void {
    const values: ScriptValue[] = [];
    while (!reader.atEnd) {
      values.push(reader.expression()(this));
      if (!reader.take(',') && !reader.atEnd) reader.fail(`${reader.peek().value} is not expected there`);
    }
    if (this.#output.length < MOST_OUTPUT) this.#output += `${values.map(textOf).join(' ')}\n`;
    this.step(line.number);
  }

  #loop(line: Line, reader: ExpressionReader): void {
    const names = [reader.name()];
    while (reader.take(',')) names.push(reader.name());
    reader.expect('in');
    const list = reader.list();
    const body = bodyOf(line, reader);
    for (const item of itemsOf(list(this))) {
      this.step(line.number);
      this.#assign(names, item);
      this.#block(body);
    }
  }

  #assignOrCall(line: Line): void {
    const [, second] = line.tokens;
    const sign = second?.kind === 'sign' ? second.value : '';
    if (line.block.length > 0) throw new ScriptFault(line.number, 'a block is not expected there', true);
    if (sign === '+=' || sign === '-=') return this.#augment(line, sign);
    const equals = line.tokens.findIndex(
      ({ kind, value }, index) => kind === 'sign' && value === '=' && isPlain(line, index),
    );
    const reader = new ExpressionReader(line.tokens, line.number, equals + 1);
    const value = reader.list();
    if (!reader.atEnd) reader.fail(`${reader.peek().value} is not expected there`);
    const result = value(this);
    if (equals >= 0)
      this.#assign(
        line.tokens.slice(0, equals).flatMap(({ kind, value: name }) => (kind === 'name' ? [name] : [])),
        result,
      );
  }

  #augment(line: Line, sign: string): void {
    const name = line.tokens[0]?.value ?? '';
    const reader = new ExpressionReader(line.tokens, line.number, 2);
    const value = reader.expression()(this);
    const before = this.get(name);
    if (before === undefined)
      throw new ScriptFault(line.number, `${name} is not known to the emulator`, true);
    this.#variables.set(name, applyOperator(sign.slice(0, 1), before, value, line.number));
  }

  #assign(names: readonly string[], value: ScriptValue): void {
    const [first = ''] = names;
    if (names.length === 1) {
      this.#variables.set(first, value);
      return;
    }
    const items = itemsOf(value);
    if (items.length !== names.length)
      throw new ScriptFault(0, 'there are not as many values as names', false);
    names.forEach((name, index) => this.#variables.set(name, items[index] ?? null));
  }
}

const REFUSED: ReadonlySet<string> = new Set(
  'def class while try except finally with return raise del global exec assert lambda yield break continue'.split(
    ' ',
  ),
);

/** Whether what stands before an `=` is a name, or names with commas between. */
function isPlain({ tokens, number }: Line, equals: number): boolean {
  const plain = tokens
    .slice(0, equals)
    .every(({ kind, value }, index) => (index % 2 === 0 ? kind === 'name' : value === ','));
  if (plain && equals > 0) return true;
  const bracket = tokens.slice(0, equals).some(({ value }) => value === '(');
  if (bracket) return false;
  throw new ScriptFault(
    number,
    'an assignment to something else than a name is not run by the emulator',
    true,
  );
}

/** What stands behind a colon, or indented below it. */
function bodyOf({ number, tokens, block }: Line, reader: ExpressionReader): readonly Line[] {
  reader.expect(':');
  if (reader.atEnd) return block;
  return [{ number, tokens: tokens.slice(reader.position), block: [] }, ...block];
}
