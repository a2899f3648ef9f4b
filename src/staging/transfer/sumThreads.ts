import type { FileHandle } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { Checksums } from '../api.ts';
import type { FileSums } from '../checksums.ts';

/** Read between two looks at the signal. */
const PIECE = 8 * 1024 * 1024;

/** More of one stream of bytes to sum: `length` bytes of an open file. */
export interface SumRequest {
  readonly id: number;
  readonly stream: number;
  readonly kind: 'checksums' | 'md5';
  readonly fd: number;
  readonly from: number;
  readonly length: number;
  readonly last: boolean;
}

export interface SumAnswer {
  readonly id: number;
  /** Fewer bytes than asked for where the file ends. */
  readonly read: number;
  /** After the last piece. */
  readonly result?: Checksums | string;
  /** Errors themselves lose their code on the way. */
  readonly error?: { readonly message: string; readonly code: string | undefined };
}

interface Waiting {
  readonly resolve: (answer: SumAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** Sums of one stream of bytes that is handed over piece by piece, in order. */
export interface ThreadSum {
  /** Bytes read. The file must stay open until then. */
  add(handle: FileHandle, from: number, length: number): Promise<number>;
  checksums(): Promise<Checksums>;
}

/**
 * Sums files of one transfer in threads of their own: one for what we record (sha256 and adler32), one for the MD5 sums
 * that stores compare, as that is the slowest. They start when there is something to sum.
 */
export class SumThreads {
  readonly #checksums = new SumThread();
  readonly #md5 = new SumThread();
  #streams = 0;

  /** Sums an open file of `size` bytes, with MD5 sums of its parts; a file that ends before has a smaller size in them. */
  async sumFile(
    handle: FileHandle,
    size: number,
    partSize: number,
    options: { readonly signal?: AbortSignal; readonly onRead?: (bytes: number) => void } = {},
  ): Promise<FileSums> {
    const sum = this.begin();
    const partMd5: string[] = [];
    let md5 = (this.#streams += 1);
    for (let from = 0, inPart = 0; from < size || partMd5.length === 0;) {
      options.signal?.throwIfAborted();
      const length = Math.min(PIECE, size - from, partSize - inPart);
      const last = from + length === size || inPart + length === partSize;
      const piece = { stream: md5, kind: 'md5' as const, fd: handle.fd, from, length, last };
      // Both have read when this goes on: nobody may close the file under a thread.
      const [summed, told] = await Promise.allSettled([sum.add(handle, from, length), this.#md5.ask(piece)]);
      options.onRead?.(valueOf(summed));
      const { result } = valueOf(told);
      from += length;
      inPart += length;
      if (!last) continue;
      if (typeof result !== 'string') throw new Error('a thread gave no MD5 sum');
      partMd5.push(result);
      md5 = this.#streams += 1;
      inPart = 0;
    }
    return { checksums: await sum.checksums(), partMd5 };
  }

  /** Begins a sum of what is handed over. */
  begin(): ThreadSum {
    const stream = (this.#streams += 1);
    const rest = { stream, kind: 'checksums' as const };
    return {
      add: async (handle, from, length) =>
        (await this.#checksums.ask({ ...rest, fd: handle.fd, from, length, last: false })).read,
      checksums: async () => {
        const { result } = await this.#checksums.ask({ ...rest, fd: -1, from: 0, length: 0, last: true });
        if (typeof result !== 'object') throw new Error('a thread gave no checksums');
        return result;
      },
    };
  }

  dispose(): void {
    this.#checksums.dispose();
    this.#md5.dispose();
  }
}

function valueOf<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

class SumThread {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #asked = 0;

  ask(request: Omit<SumRequest, 'id'>): Promise<SumAnswer> {
    this.#worker ??= this.#start();
    const id = (this.#asked += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage({ ...request, id } satisfies SumRequest);
    });
  }

  dispose(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    // Bundles have it beside them, under the same name.
    const name = import.meta.url.endsWith('.ts') ? 'sumThread.ts' : 'sumThread.js';
    const worker = new Worker(new URL(name, import.meta.url));
    worker.on('message', (answer: SumAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer);
      else waiting?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
    });
    const fail = (error: unknown): void => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`a thread that sums files ended with code ${code}`)));
    return worker;
  }
}
