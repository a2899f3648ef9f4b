import { FilterSyntaxError, tokens } from './tokens.ts';
import type { Token } from './tokens.ts';

export type FilterValue = string | number | null;

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | '=~' | '!~';

/** One value of a list, or a range with both ends. */
export type FilterItem =
  | { readonly kind: 'one'; readonly value: string | number }
  | { readonly kind: 'range'; readonly low: string | number; readonly high: string | number };

/** A filter of the catalog's search, as a tree. `from`, `to`: where its name stands in the text. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | {
      readonly kind: 'compare';
      readonly name: string;
      readonly comparison: Comparison;
      readonly value: FilterValue;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: 'in';
      readonly name: string;
      readonly negated: boolean;
      readonly items: readonly FilterItem[];
      readonly from: number;
      readonly to: number;
    };

const WORDS: Readonly<Record<string, Comparison>> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
};
const COMPARISONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>=', '=~', '!~'];
const RESERVED = new Set([...Object.keys(WORDS), 'and', 'or', 'not', 'in', 'null']);

/** Words of the language, which are no names; for completion. */
export const FILTER_WORDS: readonly string[] = ['and', 'or', 'in', 'not in', 'null'];

/** Longest filter that is read, characters; and how deep its parentheses go. */
const LONGEST = 16_384;
const DEEPEST = 64;

/**
 * Reads a filter: comparisons with `==`, `!=`, `<`, `<=`, `>`, `>=` (or `eq ne lt le gt ge`), `=~` and `!~` with a
 * pattern, `in (…)` and `not in (…)` with values and `low:high`, joined by `and`, `or` and parentheses; `and` binds tighter.
 * Throws FilterSyntaxError.
 */
export function parseFilter(filter: string): Filter {
  if (filter.length > LONGEST) {
    throw new FilterSyntaxError(`a filter has at most ${LONGEST} characters`, LONGEST, filter.length);
  }
  return new Parser(filter).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #at = 0;
  #depth = 0;

  constructor(filter: string) {
    this.#tokens = tokens(filter);
    this.#end = { kind: 'end', text: '', from: filter.length, to: filter.length };
  }

  whole(): Filter {
    if (this.#peek().kind === 'end') this.#fail('there is no condition');
    const filter = this.#either();
    if (this.#peek().kind !== 'end') this.#fail(`and or or has to stand before ${this.#peek().text}`);
    return filter;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? this.#end;
  }

  #take(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    if (this.#peek().kind !== 'name' || this.#peek().text !== word) return false;
    this.#at += 1;
    return true;
  }

  #takeSymbol(symbol: string): boolean {
    if (this.#peek().kind !== 'symbol' || this.#peek().text !== symbol) return false;
    this.#at += 1;
    return true;
  }

  #fail(message: string): never {
    throw new FilterSyntaxError(message, this.#peek().from, this.#peek().to);
  }

  #either(): Filter {
    return this.#joined('or', () => this.#joined('and', () => this.#condition()));
  }

  #joined(kind: 'and' | 'or', part: () => Filter): Filter {
    const parts = [part()];
    while (this.#takeWord(kind)) parts.push(part());
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind, parts };
  }

  #condition(): Filter {
    if (!this.#takeSymbol('(')) return this.#comparison();
    this.#depth += 1;
    if (this.#depth > DEEPEST) this.#fail(`parentheses go at most ${DEEPEST} deep`);
    const inner = this.#either();
    if (!this.#takeSymbol(')')) this.#fail('a closing parenthesis is missing');
    this.#depth -= 1;
    return inner;
  }

  #comparison(): Filter {
    const token = this.#peek();
    if (token.kind !== 'name' || RESERVED.has(token.text)) {
      this.#fail('the name of a field or of metadata is missing');
    }
    this.#at += 1;
    const { text: name, from, to } = token;
    if (this.#takeWord('not')) {
      if (!this.#takeWord('in')) this.#fail('in has to follow not');
      return { kind: 'in', name, negated: true, items: this.#list(), from, to };
    }
    if (this.#takeWord('in')) return { kind: 'in', name, negated: false, items: this.#list(), from, to };
    const comparison = this.#operator(name);
    return { kind: 'compare', name, comparison, value: this.#operand(comparison), from, to };
  }

  #operator(name: string): Comparison {
    const { kind, text } = this.#peek();
    const word = kind === 'name' && Object.hasOwn(WORDS, text) ? WORDS[text] : undefined;
    const found = kind === 'symbol' && COMPARISONS.includes(text) ? (text as Comparison) : word;
    if (found === undefined) return this.#fail(`a comparison like == or > has to follow ${name}`);
    this.#at += 1;
    return found;
  }

  #operand(comparison: Comparison): FilterValue {
    const token = this.#peek();
    const isPattern = comparison === '=~' || comparison === '!~';
    if (isPattern && token.kind !== 'text') this.#fail(`a pattern in quotes has to follow ${comparison}`);
    if (this.#takeWord('null')) {
      if (comparison === '==' || comparison === '!=') return null;
      this.#at -= 1;
      this.#fail('null is compared with == and != only');
    }
    return this.#value(comparison);
  }

  #value(after: string): string | number {
    const token = this.#peek();
    if (token.kind !== 'text' && token.kind !== 'number') {
      return this.#fail(
        token.kind === 'name'
          ? `a text stands in quotes: "${token.text}"`
          : `a number or a text in quotes has to follow ${after}`,
      );
    }
    this.#take();
    return token.value;
  }

  #list(): readonly FilterItem[] {
    if (!this.#takeSymbol('(')) this.#fail('a list in parentheses has to follow in');
    const items: FilterItem[] = [];
    do {
      items.push(this.#item());
    } while (this.#takeSymbol(','));
    if (!this.#takeSymbol(')')) this.#fail('the list has no closing parenthesis');
    return items;
  }

  #item(): FilterItem {
    const low = this.#value('in');
    if (!this.#takeSymbol(':')) return { kind: 'one', value: low };
    const high = this.#value(':');
    if (typeof low !== typeof high) {
      this.#at -= 1;
      this.#fail('both ends of a range are numbers, or both are texts');
    }
    return { kind: 'range', low, high };
  }
}
