import type { FileHandle } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { Checksums } from '../api.ts';
import type { FileSums } from '../checksums.ts';

/** Read between two looks at the signal. */
const PIECE = 8 * 1024 * 1024;

/** More of one stream of bytes to sum: `length` bytes of an open file. */
export interface SumRequest {
  readonly id: number;
  readonly kind: 'checksums' | 'md5' | 'check';
  readonly stream: number;
  readonly fd: number;
  readonly from: number;
  readonly length: number;
  readonly last: boolean;
  /** For `check`. */
  readonly expected?: Partial<Checksums>;
}

/** A whole file to write, if it is what it must be. */
export interface SaveRequest {
  readonly id: number;
  readonly kind: 'save';
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly expected: Partial<Checksums>;
}

export type FileRequest = SumRequest | SaveRequest;

export interface FileAnswer {
  readonly id: number;
  /** Fewer bytes than asked for where the file ends. */
  readonly read: number;
  /** After the last piece: the sums, the MD5, or what is wrong, empty for nothing. */
  readonly result?: Checksums | string;
  /** Errors themselves lose their code on the way. */
  readonly error?: { readonly message: string; readonly code: string | undefined };
}

type WithoutId<Request> = Request extends unknown ? Omit<Request, 'id'> : never;

interface Waiting {
  readonly resolve: (answer: FileAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** One stream of bytes, handed over piece by piece, in order. */
export interface ThreadSum<Result> {
  /** Bytes read. The file must stay open until then. */
  readonly add: (handle: FileHandle, from: number, length: number) => Promise<number>;
  readonly end: () => Promise<Result>;
}

/** Threads that write files. One is enough for a disk of this machine; others are far away, and wait long. */
const MOST_WRITERS = 4;
/** Files that wait before another one is begun. */
const BUSY = 24;
/** Files that are told of at once, as telling costs more than writing, and how long (ms) the first waits for others. */
const GATHERED = 8;
const GATHER_MS = 4;

/**
 * Sums and writes files of one transfer in threads of their own: one for what we record or compare (sha256, adler32), one
 * for the MD5 sums that stores compare, as that is the slowest, and some for small files, as there each step on a disk
 * costs less than telling it from here. They start when there is something to do.
 */
export class FileThreads {
  readonly #checksums = new FileThread();
  readonly #md5 = new FileThread();
  readonly #writers: FileThread[] = [];
  #streams = 0;

  /** Sums an open file of `size` bytes, with MD5 sums of its parts; a file that ends before has a smaller size in them. */
  async sumFile(
    handle: FileHandle,
    size: number,
    partSize: number,
    options: { readonly signal?: AbortSignal; readonly onRead?: (bytes: number) => void } = {},
  ): Promise<FileSums> {
    const sum = this.#sum();
    const partMd5: string[] = [];
    let md5 = (this.#streams += 1);
    for (let from = 0, inPart = 0; from < size || partMd5.length === 0;) {
      options.signal?.throwIfAborted();
      const length = Math.min(PIECE, size - from, partSize - inPart);
      const last = from + length === size || inPart + length === partSize;
      const piece = { stream: md5, kind: 'md5' as const, fd: handle.fd, from, length, last };
      // Both have read when this goes on: nobody may close the file under a thread.
      const [summed, told] = await Promise.allSettled([
        sum.add(handle, from, length),
        this.#md5.askNow(piece),
      ]);
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
    return { checksums: await sum.end(), partMd5 };
  }

  /** Begins to compare what is handed over; ends with what is wrong, in words, undefined for nothing. */
  check(expected: Partial<Checksums>): ThreadSum<string | undefined> {
    const { add, end } = this.#stream('check', expected);
    return { add, end: async () => troubleOf(await end()) };
  }

  /**
   * Writes a whole file under its name, at once, in a folder that is there. Returns what is wrong with its bytes, in words:
   * then nothing is written. They are gone from here.
   */
  async save(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    expected: Partial<Checksums>,
  ): Promise<string | undefined> {
    const writer = this.#writer();
    const answer = writer.ask({ kind: 'save', path, bytes, expected }, bytes.buffer);
    writer.tellSoon();
    return troubleOf((await answer).result);
  }

  dispose(): void {
    for (const thread of [this.#checksums, this.#md5, ...this.#writers]) thread.dispose();
  }

  #sum(): ThreadSum<Checksums> {
    const { add, end } = this.#stream('checksums');
    return {
      add,
      end: async () => {
        const result = await end();
        if (typeof result !== 'object') throw new Error('a thread gave no checksums');
        return result;
      },
    };
  }

  #stream(kind: 'checksums' | 'check', expected: Partial<Checksums> = {}): ThreadSum<FileAnswer['result']> {
    const stream = (this.#streams += 1);
    const ask = (fd: number, from: number, length: number, last: boolean): Promise<FileAnswer> =>
      this.#checksums.askNow({ kind, stream, expected, fd, from, length, last });
    return {
      add: async (handle, from, length) => (await ask(handle.fd, from, length, false)).read,
      end: async () => (await ask(-1, 0, 0, true)).result,
    };
  }

  #writer(): FileThread {
    const [least] = this.#writers.toSorted((one, other) => one.waiting - other.waiting);
    if (least !== undefined && (least.waiting < BUSY || this.#writers.length === MOST_WRITERS)) return least;
    const another = new FileThread();
    this.#writers.push(another);
    return another;
  }
}

function troubleOf(result: FileAnswer['result']): string | undefined {
  if (typeof result !== 'string') throw new Error('a thread did not say whether the sums agree');
  return result === '' ? undefined : result;
}

function valueOf<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

class FileThread {
  readonly #waiting = new Map<number, Waiting>();
  #untold: FileRequest[] = [];
  #given: ArrayBuffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;
  #asked = 0;

  /** Requests without an answer. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Asked when the thread is told; what is `given` is gone from here. */
  ask(request: WithoutId<FileRequest>, given?: ArrayBuffer): Promise<FileAnswer> {
    const id = (this.#asked += 1);
    this.#untold.push({ ...request, id });
    if (given !== undefined) this.#given.push(given);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  askNow(request: WithoutId<FileRequest>): Promise<FileAnswer> {
    const answer = this.ask(request);
    this.#tell();
    return answer;
  }

  tellSoon(): void {
    if (this.#untold.length >= GATHERED) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#worker ??= this.#start();
    this.#worker.postMessage(this.#untold, this.#given);
    this.#untold = [];
    this.#given = [];
  }

  #start(): Worker {
    // Bundles have it beside them, under the same name.
    const name = import.meta.url.endsWith('.ts') ? 'fileThread.ts' : 'fileThread.js';
    const worker = new Worker(new URL(name, import.meta.url));
    worker.on('message', (answers: readonly FileAnswer[]) => {
      for (const answer of answers) {
        const waiting = this.#waiting.get(answer.id);
        this.#waiting.delete(answer.id);
        if (answer.error === undefined) waiting?.resolve(answer);
        else waiting?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
      }
    });
    const fail = (error: unknown): void => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`a thread for files ended with code ${code}`)));
    return worker;
  }
}
