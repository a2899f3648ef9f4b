import type { FileHandle } from 'node:fs/promises';

/** Bytes that are written at once. */
const BATCH = 1024 * 1024;

/** Writes pieces one behind the other, many at once: each write is a trip to another thread. */
export class PiecesWriter {
  readonly #handle: FileHandle;
  #position: number;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(handle: FileHandle, position: number) {
    this.#handle = handle;
    this.#position = position;
  }

  /** The piece must not change until the next write. */
  async add(piece: Uint8Array): Promise<void> {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length >= BATCH) await this.end();
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    const [pieces, length] = [this.#pieces, this.#length];
    this.#pieces = [];
    this.#length = 0;
    if (length === 0) return;
    let done = (await this.#handle.writev(pieces, this.#position)).bytesWritten;
    if (done < length) {
      const all = Buffer.concat(pieces);
      while (done < length) {
        const { bytesWritten } = await this.#handle.write(all, done, length - done, this.#position + done);
        done += bytesWritten;
      }
    }
    this.#position += length;
  }
}
