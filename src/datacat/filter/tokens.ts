/** A piece of a filter; `from` and `to` are offsets into its text. */
export type Token = { readonly from: number; readonly to: number } & (
  | { readonly kind: 'name' | 'symbol' | 'end'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string; readonly value: string }
  | { readonly kind: 'number'; readonly text: string; readonly value: number }
);

/** A place in a filter where it cannot be read: offsets into its text, and why. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
  readonly from: number;
  readonly to: number;

  constructor(message: string, from: number, to: number) {
    super(message);
    this.from = from;
    this.to = to;
  }
}

const PIECE =
  /(?<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?(?![\w.]))|(?<symbol>==|!=|<=|>=|=~|!~|[<>(),:])|(?<quote>["'])/uy;

/** Cuts a filter into its pieces. Throws FilterSyntaxError. */
export function tokens(filter: string): readonly Token[] {
  const found: Token[] = [];
  let at = 0;
  for (;;) {
    while (/\s/u.test(filter.charAt(at))) at += 1;
    if (at >= filter.length) break;
    const token = tokenAt(filter, at);
    found.push(token);
    at = token.to;
  }
  return found;
}

function tokenAt(filter: string, from: number): Token {
  PIECE.lastIndex = from;
  const match = PIECE.exec(filter);
  const groups = match?.groups ?? {};
  const [text = ''] = match ?? [];
  const to = from + text.length;
  if (groups.name !== undefined) return { kind: 'name', text, from, to };
  if (groups.symbol !== undefined) return { kind: 'symbol', text, from, to };
  if (groups.number !== undefined) {
    return { kind: 'number', text, value: Number(text.replace(/f$/iu, '')), from, to };
  }
  if (groups.quote !== undefined) return textAt(filter, from, groups.quote);
  const stray = String.fromCodePoint(filter.codePointAt(from) ?? 0x20);
  const isNumber = /[\d.+-]/u.test(stray);
  throw new FilterSyntaxError(
    isNumber ? 'this is no number' : stray === '=' ? 'equal is ==' : `${stray} has no meaning here`,
    from,
    from + stray.length,
  );
}

/** A text in quotes; a backslash before its quote takes that its meaning; others stay, for patterns. */
function textAt(filter: string, from: number, quote: string): Token {
  let value = '';
  for (let at = from + 1; at < filter.length; at += 1) {
    const char = filter.charAt(at);
    if (char === quote) return { kind: 'text', text: filter.slice(from, at + 1), value, from, to: at + 1 };
    const next = filter.charAt(at + 1);
    if (char === '\\' && next === quote) {
      value += next;
      at += 1;
    } else {
      value += char;
    }
  }
  throw new FilterSyntaxError(`the text has no closing ${quote}`, from, filter.length);
}
