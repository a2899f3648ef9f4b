import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../../watch/index.ts';
import type { SmtpSettings } from '../smtp.ts';
import { CourierGone } from './courierGone.ts';
import type { DeliveryResult, OutgoingMail } from './deliver.ts';
import { openNotes } from './notes.ts';
import type { NotedMail } from './notes.ts';

/** What the program is told first; by its standard input, as it holds a password. */
export interface CourierOrder {
  readonly notesFile: string;
  readonly smtp: SmtpSettings;
}

/** It answers so when it can begin, or why it cannot. */
export interface CourierReady {
  readonly problem?: string;
}

export interface CourierOptions extends CourierOrder {
  /** The program, `courier/main.ts` as it was built. */
  readonly program: string;
  readonly clock: Clock;
}

/**
 * Sends mails by a process of its own (`main.ts`), which is there while there are some. A daemon may be killed at any moment:
 * the process brings the mail under way to its end, notes what became of it, and ends; the next daemon collects the notes.
 */
export interface Courier {
  /**
   * Gives what was noted that this process has not heard, once; false while another process is at work, nothing may be sent
   * then. Where it throws, what `take` throws or the system's error, all is given again.
   */
  collect(take: (mail: NotedMail) => void): boolean;
  /** One at a time. Rejects with CourierGone; soon after the signal is aborted, too. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<DeliveryResult>;
  /** Ends the process, as far as it can be waited for. */
  rest(): Promise<void>;
}

/** Longest wait (ms) for an answer: more than a mail may take. */
const PATIENCE = 180_000;
/** The same when the daemon is to end. */
const GRACE = 5000;

export function createCourier(options: CourierOptions): Courier {
  return new ProcessCourier(options);
}

class ProcessCourier implements Courier {
  readonly #options: CourierOptions;
  /** Message-IDs of mails in the notes that need not be collected. */
  readonly #heard = new Set<string>();
  #collected = false;
  #process: CourierProcess | undefined;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  collect(take: (mail: NotedMail) => void): boolean {
    if (this.#collected) return true;
    const notes = openNotes(this.#options.notesFile, 0);
    if (notes === undefined) return false;
    try {
      for (const mail of notes.all()) if (!this.#heard.has(mail.messageId)) take(mail);
      notes.clear();
    } finally {
      notes.close();
    }
    this.#heard.clear();
    this.#collected = true;
    return true;
  }

  async send(mail: OutgoingMail, signal: AbortSignal): Promise<DeliveryResult> {
    const process = this.#process ?? (await this.#start(signal));
    process.tell(mail);
    const result = await this.#answer<DeliveryResult>(process, signal);
    this.#heard.add(mail.messageId);
    return result;
  }

  async rest(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const late = this.#options.clock.after(GRACE, () => resolve(undefined));
    await Promise.race([process.end(), promise]);
    late.dispose();
    process.leave();
  }

  /** It is told of no mail before it has the notes, so that whoever has them knows of all mails. */
  async #start(signal: AbortSignal): Promise<CourierProcess> {
    const { program, notesFile, smtp } = this.#options;
    const process = new CourierProcess(program);
    this.#process = process;
    this.#collected = false;
    process.tell({ notesFile, smtp } satisfies CourierOrder);
    const { problem } = await this.#answer<CourierReady>(process, signal);
    if (problem === undefined) return process;
    throw new CourierGone(`Mails cannot be sent: ${problem}`);
  }

  async #answer<Answer>(process: CourierProcess, signal: AbortSignal): Promise<Answer> {
    const { clock } = this.#options;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const leave = (): void => resolve(undefined);
    const timers = [clock.after(PATIENCE, leave)];
    const stop = (): void => void timers.push(clock.after(GRACE, leave));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const answer = await Promise.race([process.next(), promise]);
    signal.removeEventListener('abort', stop);
    for (const timer of timers) timer.dispose();
    // It is our own program.
    if (answer !== undefined) return answer as Answer;
    this.#process = undefined;
    process.leave();
    throw new CourierGone('The process that sends mails did not say what became of one');
  }
}

/** It has a session of its own, so that what ends the daemon's does not end it. */
class CourierProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;

  constructor(program: string) {
    const words = ['--disable-warning=ExperimentalWarning', program];
    this.#child = spawn(process.execPath, words, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdin, stdout } = this.#child;
    // Its end is told by that of its answers.
    stdin.on('error', () => undefined);
    this.#ended = once(this.#child, 'exit').catch(() => undefined);
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  tell(order: object): void {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
  }

  /** Undefined when it has ended. */
  async next(): Promise<unknown> {
    const line = await this.#lines.next();
    return line.done === true ? undefined : JSON.parse(line.value);
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  /** Waits for it no more; it ends by itself. */
  leave(): void {
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    this.#child.unref();
  }
}
