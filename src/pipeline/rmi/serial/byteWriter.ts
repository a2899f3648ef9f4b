const FIRST_SIZE = 512;

/** Bytes that grow as they are written, the highest of a number first. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #length = 0;

  u8(value: number): void {
    const at = this.#room(1);
    this.#bytes.writeUInt8(value, at);
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#bytes.writeUInt16BE(value, at);
  }

  i32(value: number): void {
    const at = this.#room(4);
    this.#bytes.writeInt32BE(value, at);
  }

  i64(value: bigint): void {
    const at = this.#room(8);
    this.#bytes.writeBigInt64BE(value, at);
  }

  put(bytes: Buffer): void {
    const at = this.#room(bytes.length);
    bytes.copy(this.#bytes, at);
  }

  /** A copy of everything that was written. */
  bytes(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  /** Makes room; afterwards `#bytes` may be another buffer. */
  #room(size: number): number {
    const from = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.#length);
      this.#bytes.copy(larger, 0, 0, from);
      this.#bytes = larger;
    }
    return from;
  }
}
