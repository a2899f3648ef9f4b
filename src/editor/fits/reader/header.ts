import type { ByteSource } from './byteSource.ts';
import { CARD_LENGTH, parseCard, type Card } from './card.ts';
import { FitsError } from './fitsError.ts';

/** FITS files are made of blocks of this many bytes. */
export const BLOCK = 2880;
/** Fifty thousand cards; a header beyond is no header. */
const LONGEST_HEADER = 1400 * BLOCK;
const READ_BLOCKS = 16;

/** The cards of one header, and its values by keyword; of several with one keyword the first counts. */
export class Header {
  readonly cards: readonly Card[];
  readonly #values: ReadonlyMap<string, Card>;

  constructor(cards: readonly Card[]) {
    this.cards = cards;
    this.#values = new Map(cards.toReversed().map((card) => [card.keyword, card]));
  }

  get(keyword: string): Card | undefined {
    return this.#values.get(keyword);
  }

  /** A number of any kind; undefined where there is none. */
  number(keyword: string): number | undefined {
    const value = this.get(keyword)?.value;
    return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;
  }

  text(keyword: string): string | undefined {
    const value = this.get(keyword)?.value;
    return typeof value === 'string' ? value : undefined;
  }

  flag(keyword: string): boolean {
    return this.get(keyword)?.value === true;
  }
}

/** Reads the header that begins at a byte; `end` is where its blocks end. Rejects with a FitsError. */
export async function readHeader(
  source: ByteSource,
  from: number,
): Promise<{ readonly header: Header; readonly end: number }> {
  const cards: Card[] = [];
  for (let at = from; at - from < LONGEST_HEADER;) {
    const bytes = await source.read(at, READ_BLOCKS * BLOCK);
    if (bytes.length < CARD_LENGTH) {
      throw new FitsError('The header has no END: the file is cut short or damaged', 'Get the file again');
    }
    for (let line = 0; line + CARD_LENGTH <= bytes.length; line += CARD_LENGTH) {
      const card = parseCard(plainText(bytes.subarray(line, line + CARD_LENGTH)));
      if (card.keyword === 'END') {
        const end = from + Math.ceil((at + line + CARD_LENGTH - from) / BLOCK) * BLOCK;
        return { header: new Header(joinStrings(cards)), end };
      }
      cards.push(card);
    }
    at += bytes.length;
    if (bytes.length % BLOCK !== 0) at = source.size;
  }
  throw new FitsError(
    `The header has no END within ${LONGEST_HEADER} bytes`,
    'Look whether this is a FITS file',
  );
}

/** Headers are ASCII; whatever else stands there shows as what it is: not readable. */
function plainText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]/g, '\ufffd');
}

/** Long strings end with `&` and go on in `CONTINUE` cards. */
function joinStrings(cards: readonly Card[]): readonly Card[] {
  const joined: Card[] = [];
  for (const card of cards) {
    const last = joined.at(-1);
    const goesOn = card.keyword === 'CONTINUE' && typeof card.value === 'string';
    if (goesOn && typeof last?.value === 'string' && last.value.endsWith('&')) {
      const value = last.value.slice(0, -1) + card.text;
      const comment = [last.comment, card.comment].filter((part) => part !== '').join(' ');
      joined[joined.length - 1] = { ...last, value, text: value, comment };
    } else {
      joined.push(card);
    }
  }
  return joined;
}
