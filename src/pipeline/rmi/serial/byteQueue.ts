import { readInt64 } from './int64.ts';
import { decodeModifiedUtf8 } from './modifiedUtf8.ts';

const NOTHING = Buffer.alloc(0);

/** Bytes that have come and are not yet read. Reading more than `left` throws a RangeError: ask first. */
export class ByteQueue {
  #bytes: Buffer;
  /** Whether `#bytes` was made here, and may be written to. */
  #own = false;
  #at = 0;
  #end: number;
  #consumed = 0;

  constructor(bytes: Buffer = NOTHING) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** Bytes that can be read now. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** Bytes that were read from the beginning on. */
  get consumed(): number {
    return this.#consumed;
  }

  push(chunk: Buffer): void {
    if (this.left === 0) {
      this.#bytes = chunk;
      this.#own = false;
      this.#at = 0;
      this.#end = chunk.length;
      return;
    }
    const wanted = this.left + chunk.length;
    // What is read already makes room; twice as much at a time keeps the copying in proportion.
    if (!this.#own || this.#end + chunk.length > this.#bytes.length) {
      const fits = this.#own && wanted <= this.#bytes.length;
      const target = fits ? this.#bytes : Buffer.allocUnsafe(2 * wanted);
      this.#bytes.copy(target, 0, this.#at, this.#end);
      this.#end = this.left;
      this.#at = 0;
      this.#bytes = target;
      this.#own = true;
    }
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }

  /** A byte that is not taken yet, so many behind the next. */
  peek(behind = 0): number {
    return this.#bytes.readUInt8(this.#begin(behind + 1) + behind);
  }

  /** The next bytes as a text in modified UTF-8; throws `corrupt` where they are none. */
  text(length: number): string {
    const from = this.#advance(length);
    return decodeModifiedUtf8(this.#bytes, from, from + length);
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2));
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }

  i64(): bigint {
    return readInt64(this.#bytes, this.#advance(8));
  }

  /** The next bytes, only good until the next `push`. */
  view(length: number): Buffer {
    const from = this.#advance(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** A copy of the next bytes, which keeps nothing else alive. */
  take(length: number): Buffer {
    return length === 0 ? NOTHING : Buffer.from(this.view(length));
  }

  #begin(length: number): number {
    if (length > this.left) throw new RangeError(`${length} bytes wanted, ${this.left} there`);
    return this.#at;
  }

  #advance(length: number): number {
    const from = this.#begin(length);
    this.#at += length;
    this.#consumed += length;
    return from;
  }
}
