import { toDisposable } from '../../watch/index.ts';
import type { Clock } from '../../watch/index.ts';
import type { Tell } from '../service/account.ts';
import type { JobControlService } from '../service/service.ts';
import type { Binding } from './binding.ts';
import type { Mailing } from './mailing.ts';
import type { Sweep } from './sweep.ts';

export interface RoundsOptions {
  readonly services: readonly JobControlService[];
  readonly binding: Binding;
  readonly mailing: Mailing;
  readonly sweep: Sweep;
  /** Between two rounds, ms. */
  readonly pause: number;
  readonly clock: Clock;
  readonly tell: Tell;
}

/** What a daemon does again and again. */
export interface Rounds {
  begin(): void;
  /** Resolves when the round under way is over. */
  end(): Promise<void>;
}

/**
 * Binds the names, then for each of the pipeline's users: finds out what was left half done, notes down what could not be
 * noted, asks PanDA, sends mails. Trouble of one is told to the log and keeps nothing else from being done.
 */
export function createRounds(options: RoundsOptions): Rounds {
  return new DaemonRounds(options);
}

class DaemonRounds implements Rounds {
  readonly #options: RoundsOptions;
  readonly #ending = new AbortController();
  readonly #recovered = new Set<JobControlService>();
  #timer = toDisposable(() => undefined);
  #round: Promise<void> = Promise.resolve();

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#round = this.#once();
  }

  async end(): Promise<void> {
    this.#ending.abort();
    this.#timer.dispose();
    await this.#round;
  }

  async #once(): Promise<void> {
    const { services, binding, sweep, pause, clock } = this.#options;
    await binding.bind();
    for (const service of services) {
      if (this.#ending.signal.aborted) return;
      await this.#serve(service);
    }
    await this.#tried('sweep', '', () => sweep.round());
    if (!this.#ending.signal.aborted) this.#timer = clock.after(pause, () => this.begin());
  }

  async #serve(service: JobControlService): Promise<void> {
    const { mailer, sentByJob } = this.#options.mailing;
    const { user, poll, submitter } = service;
    await this.#tried('recovery', user, () => submitter.recover());
    if (!this.#recovered.has(service)) {
      const done = await this.#tried('cancel', user, () => service.recover());
      if (done) this.#recovered.add(service);
    }
    await this.#tried('journal', user, () => submitter.noteLeft());
    await this.#tried('poll', user, () => poll.current());
    const source = { user, sentByJob, summaryOf: service.summaryOf.bind(service) };
    await mailer?.round(source, this.#ending.signal);
  }

  async #tried(what: string, user: string, work: () => void | Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.tell('warning', `${what}.failed`, { user, reason });
      return false;
    }
  }
}
