import type { Socket } from 'node:net';
import { ByteQueue } from '../serial/byteQueue.ts';
import type { Reading } from '../serial/reading.ts';
import type { Clock, Timer } from './clock.ts';

/** `ended`: the other side closed; `broken`: the connection failed; `timeout`: too little came, or went, in time. */
export type WireErrorKind = 'ended' | 'broken' | 'timeout';

export class WireError extends Error {
  override readonly name = 'WireError';
  readonly kind: WireErrorKind;

  constructor(kind: WireErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface ReadTimes {
  /** Until the first byte comes. */
  readonly firstMs: number;
  /** From then on until the last. */
  readonly restMs: number;
}

interface Pending {
  /** Goes on with the bytes there are; true when it has ended. */
  step(): boolean;
  fail(error: WireError): void;
}

/** What may come while nobody reads; after that the socket waits. */
const MOST_AHEAD = 64 * 1024;

/** A socket that is read and written one message after the other. */
export class Wire {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #input = new ByteQueue();
  readonly #gone = new AbortController();
  #pending: Pending | undefined;
  #end: WireError | undefined;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#input.push(chunk);
      if (this.#pending?.step() === true) this.#pending = undefined;
      if (this.#pending === undefined && this.#input.left > MOST_AHEAD) socket.pause();
    });
    socket.on('end', () => this.#ended(new WireError('ended', 'the other side closed the connection')));
    socket.on('error', (error) => this.#ended(new WireError('broken', error.message)));
    socket.on('close', () => this.#ended(new WireError('broken', 'the connection is closed')));
  }

  /** Aborted when the other side is gone, or has said its last. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Whether bytes came that nobody asked for yet. */
  get hasInput(): boolean {
    return this.#input.left > 0;
  }

  /** Does a reading with the bytes that come. Rejects with what the reading throws, or a WireError. One at a time. */
  read<T>(start: (input: ByteQueue) => Reading<T>, times: ReadTimes): Promise<T> {
    const reading = start(this.#input);
    return new Promise<T>((resolve, reject) => {
      let timer: Timer | undefined;
      const wait = (ms: number): void => {
        timer?.dispose();
        timer = this.#clock.after(ms, () => {
          this.#pending = undefined;
          reject(new WireError('timeout', 'the other side sent too little in time'));
        });
      };
      let first = this.#input.left === 0;
      const pending: Pending = {
        step: () => {
          const begins = first && this.#input.left > 0;
          try {
            const step = reading.next();
            if (step.done === true) {
              timer?.dispose();
              resolve(step.value);
              return true;
            }
          } catch (error) {
            timer?.dispose();
            reject(error instanceof Error ? error : new Error(String(error)));
            return true;
          }
          // Most messages come whole, and need no time for their rest.
          if (begins) {
            first = false;
            wait(times.restMs);
          }
          return false;
        },
        fail: (error) => {
          timer?.dispose();
          reject(error);
        },
      };
      if (pending.step()) return;
      if (this.#end !== undefined) return pending.fail(this.#end);
      wait(first ? times.firstMs : times.restMs);
      this.#pending = pending;
      this.#socket.resume();
    });
  }

  /** Resolves when the bytes are with the system; rejects with a WireError. */
  write(bytes: Buffer, withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        timer?.dispose();
        if (error instanceof Error) reject(new WireError('broken', error.message));
        else resolve();
      });
      const tooSlow = (): void => {
        reject(new WireError('timeout', 'the other side takes nothing'));
        this.#socket.destroy();
      };
      // The system mostly takes them at once.
      const timer = this.#socket.writableLength === 0 ? undefined : this.#clock.after(withinMs, tooSlow);
    });
  }

  /**
   * Closes so that what was written still arrives: what the other side may be sending is thrown away for a while, as the
   * system would break the connection over it.
   */
  closeGently(withinMs: number): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    socket.removeAllListeners('data');
    socket.resume();
    socket.end();
    const timer = this.#clock.after(withinMs, () => socket.destroy());
    socket.once('end', () => socket.destroy());
    socket.once('close', () => timer.dispose());
    if (socket.readableEnded) socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #ended(error: WireError): void {
    this.#end ??= error;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.fail(this.#end);
    this.#gone.abort(this.#end);
  }
}
