/** Cuts a source of bytes into packets, and skips in it. */
export class Packets {
  readonly #source: AsyncIterator<Uint8Array>;
  #buffer = Buffer.alloc(0);
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Bytes that are here already. */
  get available(): number {
    return this.#buffer.length;
  }

  /** The next bytes, `length` of them unless the source ends before; null at its end. */
  async next(length: number): Promise<Buffer | null> {
    const pieces = [this.#buffer];
    let come = this.#buffer.length;
    while (come < length && !this.#ended) {
      const step = await this.#source.next();
      if (step.done === true) {
        this.#ended = true;
      } else {
        pieces.push(Buffer.from(step.value));
        come += step.value.length;
      }
    }
    const all = Buffer.concat(pieces);
    this.#buffer = all.subarray(length);
    return all.length === 0 ? null : all.subarray(0, length);
  }

  /** Reads over so many bytes, and says how many there were. */
  async skip(length: number, pieceBytes: number): Promise<number> {
    let skipped = 0;
    while (skipped < length) {
      const piece = await this.next(Math.min(length - skipped, pieceBytes));
      if (piece === null) break;
      skipped += piece.length;
    }
    return skipped;
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#buffer = Buffer.alloc(0);
    await this.#source.return?.();
  }
}
