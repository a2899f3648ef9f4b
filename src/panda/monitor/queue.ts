import type { RetryTools } from '../http/retry.ts';

/** Calls in a minute beyond which those that nobody waits for are held back. */
const MOST_A_MINUTE = 10;
const MINUTE = 60_000;

export interface TurnOptions {
  /** Nobody waits for the answer: others go first, and the pace is kept. */
  readonly background?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Lets calls to one host out one at a time: those that somebody waits for first, the others at a slow pace. */
export interface MonitorQueue {
  /** Rejects as `work` does, or with the reason of the signal while the call waits for its turn. */
  run<T>(work: () => Promise<T>, options: TurnOptions): Promise<T>;
  /** Notes that a request leaves now; a call may take several. */
  noteRequest(): void;
  /** Stops waiting for the pace; what waited for it is rejected. */
  dispose(): void;
}

interface Waiting {
  readonly start: () => void;
  readonly giveUp: (reason: unknown) => void;
}

export function createMonitorQueue(tools: Pick<RetryTools, 'now' | 'delay'>): MonitorQueue {
  return new Queue(tools);
}

class Queue implements MonitorQueue {
  readonly #tools: Pick<RetryTools, 'now' | 'delay'>;
  readonly #interactive: Waiting[] = [];
  readonly #background: Waiting[] = [];
  readonly #ending = new AbortController();
  #sent: number[] = [];
  #busy = false;
  #pausing = false;

  constructor(tools: Pick<RetryTools, 'now' | 'delay'>) {
    this.#tools = tools;
  }

  async run<T>(work: () => Promise<T>, options: TurnOptions): Promise<T> {
    options.signal?.throwIfAborted();
    this.#ending.signal.throwIfAborted();
    await this.#turn(options);
    try {
      return await work();
    } finally {
      this.#busy = false;
      this.#next();
    }
  }

  noteRequest(): void {
    this.#sent.push(this.#tools.now());
  }

  dispose(): void {
    this.#ending.abort();
  }

  #turn({ background, signal }: TurnOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = background === true ? this.#background : this.#interactive;
      const onAbort = (): void => {
        const at = line.indexOf(waiting);
        if (at !== -1) line.splice(at, 1);
        reject(toError(signal?.reason));
      };
      const waiting: Waiting = {
        start: () => {
          this.#busy = true;
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        giveUp: (reason) => reject(toError(reason)),
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      line.push(waiting);
      this.#next();
    });
  }

  #next(): void {
    if (this.#busy) return;
    const first = this.#interactive.shift();
    if (first !== undefined) first.start();
    else if (this.#background.length > 0 && !this.#pausing) this.#startBackground();
  }

  #startBackground(): void {
    const wait = this.#pauseLeft();
    if (wait <= 0) {
      this.#background.shift()?.start();
      return;
    }
    this.#pausing = true;
    const over = (): void => {
      this.#pausing = false;
      if (!this.#busy && this.#interactive.length === 0) this.#background.shift()?.start();
    };
    this.#tools.delay(wait, this.#ending.signal).then(over, (reason: unknown) => {
      for (const waiting of this.#background.splice(0)) waiting.giveUp(reason);
    });
  }

  #pauseLeft(): number {
    const now = this.#tools.now();
    // After a clock that was set back, what was sent before says nothing.
    this.#sent = this.#sent.filter((time) => time <= now && now - time < MINUTE);
    const [oldest = now] = this.#sent.slice(-MOST_A_MINUTE);
    return this.#sent.length < MOST_A_MINUTE ? 0 : oldest + MINUTE - now;
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
