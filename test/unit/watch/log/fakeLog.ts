import { PandaError } from '../../../../src/panda/index.ts';
import type { LogPiece, LogSource } from '../../../../src/watch/index.ts';

/** A log in memory that can grow, be cut, be missing, and fail. */
export class FakeLog implements LogSource {
  content: Buffer | undefined;
  error: Error | undefined;
  /** Gives at most so many bytes at a time. */
  most = Infinity;
  readonly reads: [from: number, length: number][] = [];
  bytesRead = 0;

  constructor(content?: string) {
    if (content !== undefined) this.content = Buffer.from(content);
  }

  append(text: string | Uint8Array): void {
    this.content = Buffer.concat([this.content ?? Buffer.alloc(0), Buffer.from(text)]);
  }

  async read(
    _file: string,
    from: number,
    length: number,
    options: { signal?: AbortSignal } = {},
  ): Promise<LogPiece> {
    this.reads.push([from, length]);
    await new Promise((resolve) => setImmediate(resolve));
    options.signal?.throwIfAborted();
    if (this.error !== undefined) throw this.error;
    if (this.content === undefined) {
      throw new PandaError({ kind: 'notFound', tried: 'read', cameBack: 'nothing', advice: 'Wait' });
    }
    const bytes = this.content.subarray(from, from + Math.min(length, this.most));
    this.bytesRead += bytes.length;
    return { from, bytes, size: this.content.length };
  }
}

/** A log of any size made of the same lines again and again, with one text put over it at one place. */
export class EndlessLog implements LogSource {
  bytesRead = 0;
  longestRead = 0;
  readonly size: number;
  readonly #block: Buffer;
  readonly #extra: { readonly at: number; readonly text: Buffer } | undefined;

  constructor(size: number, line: string, extra?: { readonly at: number; readonly text: string }) {
    this.size = size;
    this.#block = Buffer.from(line.repeat(Math.ceil((1024 * 1024) / line.length)));
    this.#extra = extra && { at: extra.at, text: Buffer.from(extra.text) };
  }

  async read(_file: string, from: number, length: number): Promise<LogPiece> {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - from)));
    for (let at = 0; at < bytes.length;) {
      const blockAt = (from + at) % this.#block.length;
      at += this.#block.copy(bytes, at, blockAt);
    }
    const extra = this.#extra;
    if (extra !== undefined && extra.at >= from && extra.at + extra.text.length <= from + bytes.length) {
      extra.text.copy(bytes, extra.at - from);
    }
    this.bytesRead += bytes.length;
    this.longestRead = Math.max(this.longestRead, bytes.length);
    return { from, bytes, size: this.size };
  }
}
