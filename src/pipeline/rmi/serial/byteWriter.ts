import { writeInt64 } from './int64.ts';
import { modifiedUtf8Length, writeModifiedUtf8 } from './modifiedUtf8.ts';

const FIRST_SIZE = 1024;
const LONGEST_SHORT_TEXT = 0xffff;
/** The most bytes that a unit of a text takes. */
const UNIT_BYTES = 3;

/** Whether the number of a text's bytes has room in two. */
export function isShortText(text: string): boolean {
  const { length } = text;
  if (length > LONGEST_SHORT_TEXT) return false;
  return UNIT_BYTES * length <= LONGEST_SHORT_TEXT || modifiedUtf8Length(text) <= LONGEST_SHORT_TEXT;
}

/** Bytes that grow as they are written, the highest of a number first. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.#room(2);
    this.#length = this.#bytes.writeUInt16BE(value, this.#length);
  }

  i32(value: number): void {
    this.#room(4);
    this.#length = this.#bytes.writeInt32BE(value, this.#length);
  }

  i64(value: bigint): void {
    this.#room(8);
    this.#length = writeInt64(this.#bytes, this.#length, value);
  }

  /** A whole number as 64 bits. */
  whole64(value: number): void {
    this.i32(Math.floor(value / 2 ** 32));
    this.i32(value | 0);
  }

  put(bytes: Buffer): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A text that is short, in modified UTF-8 behind the number of its bytes. */
  shortText(text: string): void {
    this.#room(2 + UNIT_BYTES * text.length);
    const from = this.#length;
    this.#length = writeModifiedUtf8(text, this.#bytes, from + 2);
    this.#bytes.writeUInt16BE(this.#length - from - 2, from);
  }

  /** The same with eight bytes for their number, for a text of any length. */
  longText(text: string): void {
    const length = modifiedUtf8Length(text);
    this.i64(BigInt(length));
    this.#room(length);
    this.#length = writeModifiedUtf8(text, this.#bytes, this.#length);
  }

  /** Everything that was written; more may follow, elsewhere. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Makes room; afterwards `#bytes` may be another buffer. */
  #room(size: number): void {
    const wanted = this.#length + size;
    if (wanted <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * wanted);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
