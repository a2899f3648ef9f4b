import type { Worker } from 'node:worker_threads';
import type { Clock, Disposable } from '../../watch/index.ts';
import type { Checked, CheckerMessage, CheckRequest, FromChecker } from './checkProtocol.ts';

/** Checks files away from the thread that people type in. */
export interface CheckService extends Disposable {
  /**
   * Checks a file, or what the editor holds of it: `pieces`, UTF-8. Rejects with the reason of the
   * signal, or when the file cannot be read.
   */
  check(
    request: Omit<CheckRequest, 'source' | 'sedFolder'>,
    pieces: AsyncIterable<Uint8Array> | undefined,
    signal: AbortSignal,
  ): Promise<Checked>;
}

/** A thread without work is ended after this long, ms: it holds the memory of its largest catalog. */
const IDLE = 30_000;

interface Waiting {
  readonly resolve: (checked: Checked) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts the thread with the first check, and again after it was idle or died. */
export function createCheckService(
  startWorker: () => Worker,
  clock: Clock,
  /** Where spectra lie, as the settings are now. */
  sedFolder: () => string | undefined,
): CheckService {
  return new Checker(startWorker, clock, sedFolder);
}

class Checker implements CheckService {
  readonly #startWorker: () => Worker;
  readonly #clock: Clock;
  readonly #sedFolder: () => string | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: Disposable | undefined;
  #lastId = 0;
  #disposed = false;

  constructor(startWorker: () => Worker, clock: Clock, sedFolder: () => string | undefined) {
    this.#startWorker = startWorker;
    this.#clock = clock;
    this.#sedFolder = sedFolder;
  }

  async check(
    request: Omit<CheckRequest, 'source' | 'sedFolder'>,
    pieces: AsyncIterable<Uint8Array> | undefined,
    signal: AbortSignal,
  ): Promise<Checked> {
    signal.throwIfAborted();
    if (this.#disposed) throw new Error('The window is closing.');
    const id = (this.#lastId += 1);
    const thread = this.#running();
    const post = (message: CheckerMessage): void => thread.postMessage(message);
    const cancel = (): void => {
      post({ type: 'cancel', id });
      this.#settle(id, ({ reject }) => reject(signal.reason));
    };
    signal.addEventListener('abort', cancel, { once: true });
    const answer = new Promise<Checked>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const sedFolder = this.#sedFolder();
    const source = pieces === undefined ? 'file' : 'pieces';
    const whole = { ...request, source, ...(sedFolder === undefined ? {} : { sedFolder }) } as const;
    post({ type: 'check', id, request: whole });
    try {
      if (pieces !== undefined) await Promise.race([answer, sendPieces(pieces, id, thread, signal)]);
      return await answer;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#idle?.dispose();
    if (this.#worker !== undefined) this.#end(this.#worker, new Error('The window is closing.'));
  }

  #running(): Worker {
    this.#idle?.dispose();
    if (this.#worker !== undefined) return this.#worker;
    const started = this.#startWorker();
    started.on('message', (message: FromChecker) =>
      this.#settle(message.id, ({ resolve, reject }) =>
        message.type === 'checked' ? resolve(message.checked) : reject(new Error(message.message)),
      ),
    );
    started.on('error', (error) => this.#end(started, error));
    started.on('exit', (code) => this.#end(started, new Error(`The check ended with code ${code}.`)));
    started.unref();
    this.#worker = started;
    return started;
  }

  #settle(id: number, take: (one: Waiting) => void): void {
    const one = this.#waiting.get(id);
    if (!this.#waiting.delete(id) || one === undefined) return;
    take(one);
    const running = this.#worker;
    if (this.#waiting.size > 0 || running === undefined) return;
    this.#idle = this.#clock.after(IDLE, () => this.#end(running, undefined));
  }

  #end(gone: Worker, error: unknown): void {
    if (this.#worker !== gone) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    void gone.terminate();
  }
}

async function sendPieces(
  pieces: AsyncIterable<Uint8Array>,
  id: number,
  thread: Worker,
  signal: AbortSignal,
): Promise<void> {
  const post = (message: CheckerMessage): void => thread.postMessage(message);
  try {
    for await (const bytes of pieces) {
      if (signal.aborted) return;
      // A view goes with all of the memory behind it; a copy of its own goes without being copied again.
      const own = new Uint8Array(bytes);
      thread.postMessage({ type: 'piece', id, bytes: own } satisfies CheckerMessage, [own.buffer]);
    }
    post({ type: 'end', id, failed: false });
  } catch (error) {
    post({ type: 'end', id, failed: true });
    throw error;
  }
}
