import type { FileHandle } from 'node:fs/promises';
import type { Checksums } from '../api.ts';
import type { FileThreads, ThreadSum } from './fileThreads.ts';

/** Sums a file, to compare it, in another thread while it comes: always what is there from its beginning without a gap. */
export class FollowingSum {
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #sum: ThreadSum<string | undefined>;
  readonly #onRead: (bytes: number) => void;
  /** Lengths of parts that came and are not summed, by where they begin. */
  readonly #waiting = new Map<number, number>();
  #next = 0;
  #work: Promise<unknown> = Promise.resolve();

  constructor(
    threads: FileThreads,
    handle: FileHandle,
    size: number,
    expected: Partial<Checksums>,
    onRead: (bytes: number) => void,
  ) {
    this.#handle = handle;
    this.#size = size;
    this.#sum = threads.check(expected);
    this.#onRead = onRead;
  }

  /** Bytes `[from, from + length)` are in the file. */
  arrived(from: number, length: number): void {
    this.#waiting.set(from, length);
    for (;;) {
      const at = this.#next;
      const part = this.#waiting.get(at);
      if (part === undefined) return;
      this.#waiting.delete(at);
      this.#next += part;
      this.#work = this.#work.then(async () => {
        this.#onRead(await this.#sum.add(this.#handle, at, part));
      });
      // Whoever waits for the sums is told.
      this.#work.catch(() => undefined);
    }
  }

  /** Resolves when no thread reads the file. */
  async settled(): Promise<void> {
    await this.#work.catch(() => undefined);
  }

  /** What is wrong with the whole file, in words; undefined for nothing. */
  async trouble(): Promise<string | undefined> {
    await this.#work;
    if (this.#next !== this.#size) throw new Error('a part was not summed');
    return this.#sum.end();
  }
}
