/** The value of a keyword; null where the card gives none. Whole numbers that a `number` cannot hold are bigints. */
export type CardValue = string | number | bigint | boolean | null;

/** One line of a header (FITS standard 4.0, section 4). */
export interface Card {
  /** `NAXIS1`, `HIERARCH ESO INS`; empty for blank lines. */
  readonly keyword: string;
  readonly value: CardValue;
  /** The value as it is written; for a string without its quotes. */
  readonly text: string;
  readonly comment: string;
}

export const CARD_LENGTH = 80;

/** Reads one card. Whatever it holds gives a card: a value that is none is kept as text. */
export function parseCard(line: string): Card {
  const keyword = line.slice(0, 8).trimEnd();
  const named = /^HIERARCH ([^=]+?)\s*=/.exec(line);
  if (named !== null) {
    return { keyword: `HIERARCH ${named[1] ?? ''}`, ...parseValue(line.slice(named[0].length)) };
  }
  // `CONTINUE` goes on with the string of the card before, and has no equals sign.
  if (keyword === 'CONTINUE') return { keyword, ...parseValue(line.slice(8)) };
  if (line[8] !== '=') return { keyword, value: null, text: '', comment: line.slice(8).trim() };
  return { keyword, ...parseValue(line.slice(9)) };
}

type Valued = Omit<Card, 'keyword'>;

function parseValue(field: string): Valued {
  const text = field.trimStart();
  if (text.startsWith("'")) return parseString(text);
  const slash = text.indexOf('/');
  const written = (slash < 0 ? text : text.slice(0, slash)).trim();
  const comment = slash < 0 ? '' : text.slice(slash + 1).trim();
  return { value: plainValue(written), text: written, comment };
}

/** A quote within a string is doubled. */
function parseString(text: string): Valued {
  const [whole = '', inner = ''] = /^'((?:[^']|'')*)'?/.exec(text) ?? [];
  const value = inner.replaceAll("''", "'").trimEnd();
  const comment = /^\s*\/(.*)$/.exec(text.slice(whole.length))?.[1] ?? '';
  return { value, text: value, comment: comment.trim() };
}

function plainValue(written: string): CardValue {
  if (written === '') return null;
  if (written === 'T') return true;
  if (written === 'F') return false;
  if (/^[+-]?\d+$/.test(written)) {
    const value = Number(written);
    return Number.isSafeInteger(value) ? value : BigInt(written);
  }
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[ED][+-]?\d+)?$/i.test(written)) {
    const value = Number(written.replace(/d/i, 'E'));
    if (Number.isFinite(value)) return value;
  }
  return written;
}
