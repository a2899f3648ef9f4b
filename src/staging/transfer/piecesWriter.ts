import type { FileHandle } from 'node:fs/promises';

/** Bytes that are written at once, if pieces are smaller. */
const BATCH = 512 * 1024;

/** Writes pieces one behind the other, many at once: each write is a trip to another thread. */
export class PiecesWriter {
  readonly #handle: FileHandle;
  #position: number;
  #batch: Buffer | undefined;
  #filled = 0;

  constructor(handle: FileHandle, position: number) {
    this.#handle = handle;
    this.#position = position;
  }

  /** The piece may change afterwards. */
  async add(piece: Uint8Array): Promise<void> {
    if (this.#filled + piece.length > BATCH) await this.end();
    if (piece.length >= BATCH) {
      await this.#write(piece);
    } else {
      this.#batch ??= Buffer.allocUnsafe(BATCH);
      this.#batch.set(piece, this.#filled);
      this.#filled += piece.length;
    }
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    if (this.#batch !== undefined) await this.#write(this.#batch.subarray(0, this.#filled));
    this.#filled = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        done,
        bytes.length - done,
        this.#position + done,
      );
      done += bytesWritten;
    }
    this.#position += bytes.length;
  }
}
