import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { constants, createGunzip } from 'node:zlib';
import type { Extract, Header } from 'tar-stream';

/** One entry of a tarball. */
export interface TarEntry {
  readonly header: Header;
  /** Ends early where the tarball does. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** How a tarball ended: `whole`, `cut` in two, or with what was wrong in it. */
export type TarEnd = 'whole' | 'cut' | Error;

/**
 * Gives the entries of a tarball on this disk, packed or not, to `visit`, one after another, and resolves with how it
 * ended: of one that is cut short, or wrong from somewhere on, all that stands before was visited. `most`: bytes it may
 * unpack to; `visit` may say that it has enough. Rejects with the signal's reason, or what `visit` throws.
 */
export async function readTar(
  path: string,
  most: number,
  signal: AbortSignal | undefined,
  visit: (entry: TarEntry) => Promise<'enough' | undefined>,
): Promise<TarEnd> {
  // The default is all that is left of a CommonJS module that is bundled by itself.
  const { default: tarStream } = await import('tar-stream');
  const tar = tarStream.extract();
  const feed = new Feed(tar, most);
  const feeding = feed.run(path, await isPacked(path));
  const entries = tar[Symbol.asyncIterator]();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = await feed.before(entries.next()).catch(wrongOf);
      if (next instanceof Error) return next;
      if (next?.done !== false) return feed.end;
      const entry = next.value;
      // What is wrong with the whole is told by the iterator.
      entry.on('error', () => undefined);
      const content = contentOf(entry, feed, signal);
      if ((await visit({ header: entry.header, content })) === 'enough') return 'whole';
      entry.resume();
    }
  } finally {
    tar.destroy();
    await feeding;
  }
}

async function* contentOf(
  entry: AsyncIterable<unknown>,
  feed: Feed,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const pieces = entry[Symbol.asyncIterator]();
  for (;;) {
    signal?.throwIfAborted();
    const next = await feed.before(pieces.next());
    if (next?.done !== false) return;
    if (next.value instanceof Uint8Array) yield next.value;
  }
}

/** Bytes of a block; an archive ends with two that hold zeros. */
const BLOCK = 512;

/**
 * Puts the bytes of a tarball into its reader, which is never told that they are over: it would throw away what it holds of
 * an entry that is cut. Whoever waits for more of it is told here.
 */
class Feed {
  readonly #tar: Extract;
  readonly #most: number;
  #isOver = false;
  #bytes = 0;
  #last: Uint8Array = new Uint8Array();
  #wrong: Error | undefined;
  #onRoom: () => void = () => undefined;
  #onOver: () => void = () => undefined;

  constructor(tar: Extract, most: number) {
    this.#tar = tar;
    this.#most = most;
    // It may be thrown at a moment when nobody asks for an entry.
    tar.on('error', () => undefined);
    tar.on('drain', () => this.#onRoom()).on('close', () => this.#onRoom());
  }

  /** How it ended, once all was read. */
  get end(): TarEnd {
    if (this.#wrong !== undefined) return this.#wrong;
    const isWhole =
      this.#bytes % BLOCK === 0 && this.#last.length > 0 && this.#last.every((byte) => byte === 0);
    return isWhole ? 'whole' : 'cut';
  }

  /** What comes next of the reader; undefined where nothing can come any more. */
  async before<T>(next: Promise<T>): Promise<T | undefined> {
    if (!this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#onOver = resolve;
        next.then(() => resolve(), resolve);
      });
    }
    // The reader works on what it has within a turn of the event loop.
    return this.#isOver ? Promise.race([next, turn(undefined)]) : next;
  }

  /** Resolves when all is read, or nobody wants more. */
  async run(path: string, packed: boolean): Promise<void> {
    const source = createReadStream(path);
    // Of a file that is cut, all that can be unpacked comes out.
    const bytes = packed ? source.pipe(createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })) : source;
    source.on('error', (error) => bytes.destroy(error));
    try {
      for await (const piece of bytes as AsyncIterable<Buffer>) {
        if (this.#tar.destroyed) return;
        this.#bytes += piece.length;
        if (this.#bytes > this.#most) throw new TooLarge();
        this.#last = Buffer.concat([this.#last, piece.subarray(-BLOCK)]).subarray(-BLOCK);
        if (!this.#tar.write(piece)) await this.#room();
      }
    } catch (error) {
      this.#wrong = wrongOf(error);
    } finally {
      source.destroy();
      this.#isOver = true;
      this.#onOver();
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }
}

/** It unpacks to more bytes than it may. */
export class TooLarge extends Error {}

function wrongOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

async function isPacked(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}
