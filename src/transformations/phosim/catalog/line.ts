import { Fields } from './fields.ts';
import type { Place } from '../../findings.ts';
import { parseNumber } from './numbers.ts';
import type { WordPool } from './wordPool.ts';

/** One line of a file with its fields; one object is used again and again, so that lines cost no memory. */
export class Line {
  bytes: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  number = 0;
  /** Number of the file, see Place. */
  file = 0;
  readonly fields = new Fields();
  readonly #pool: WordPool;

  constructor(pool: WordPool) {
    this.#pool = pool;
  }

  set(bytes: Uint8Array, from: number, to: number, number: number): void {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.number = number;
    this.fields.split(bytes, from, to);
  }

  get count(): number {
    return this.fields.count;
  }

  /** The field, by its place from 0; empty behind the last. */
  word(index: number): string {
    if (index >= this.fields.count) return '';
    const from = this.fields.start(index);
    const to = this.fields.end(index);
    return this.fields.beyondAscii ? this.text(from, to) : this.#pool.word(this.bytes, from, to);
  }

  /** NaN where the field is no number or missing. */
  value(index: number): number {
    if (index >= this.fields.count) return Number.NaN;
    return parseNumber(this.bytes, this.fields.start(index), this.fields.end(index));
  }

  /** The whole line, or a part of its bytes. */
  text(from = this.from, to = this.to): string {
    const { buffer, byteOffset } = this.bytes;
    const part = Buffer.from(buffer, byteOffset + from, to - from);
    return part.toString(this.fields.beyondAscii ? 'utf8' : 'latin1');
  }

  /** Where a field stands; the whole line without one. */
  place(first?: number, last = first): Place {
    if (first === undefined || last === undefined) return { file: this.file, line: this.number };
    return this.placeOf(this.fields.start(first), this.fields.end(last));
  }

  /** Where bytes of the line stand. */
  placeOf(from: number, to: number): Place {
    const { file, number: line } = this;
    return { file, line, column: this.#column(from), endColumn: this.#column(to) };
  }

  #column(at: number): number {
    return this.fields.beyondAscii ? this.text(this.from, at).length + 1 : at - this.from + 1;
  }
}
