import type { Profile } from '../../panda/index.ts';
import type { Attention, Clock, Disposable, JobStore, Poller, PollStatus } from '../api.ts';
import { createDisposables } from '../disposable.ts';
import { createEmitter } from '../emitter.ts';
import { waitFor } from './pace.ts';
import type { Failure } from './pace.ts';
import { PollRound, toError } from './round.ts';
import type { PollClient } from './round.ts';

export interface PollerOptions {
  readonly client: PollClient;
  readonly store: JobStore;
  readonly profile: Pick<Profile, 'user'>;
  readonly clock: Clock;
  /** `[0, 1)`, for jitter. */
  readonly random: () => number;
  /** Told why each poll happens, for a log. */
  readonly onPoll?: (reason: string) => void;
}

/**
 * Keeps `store` true from `start` to `dispose`. Looks for jobs of `profile.user` in the monitor, where there is one, and
 * asks the server for what has not ended. Begins as `focused`.
 */
export function createPoller(options: PollerOptions): Poller {
  return new TimedPoller(options);
}

class TimedPoller implements Poller {
  readonly #options: PollerOptions;
  readonly #round: PollRound;
  readonly #owned = createDisposables();
  readonly #emitter = this.#owned.add(createEmitter<PollStatus>());
  readonly #ending = new AbortController();
  #status: PollStatus = { kind: 'idle' };
  #attention: Attention = 'focused';
  #started = false;
  #timer: Disposable | undefined;
  #underWay: Promise<void> | undefined;
  #asOf: number | null = null;
  /** When the last poll ended, by the clock, and how long it took. */
  #endedAt: number | undefined;
  #lastDuration = 0;
  #quietPolls = 0;
  #moved = false;
  #failure: Failure | undefined;

  readonly onDidChangeStatus = this.#emitter.event;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#round = new PollRound(options.client, options.store, options.profile, () => options.clock.now());
    this.#owned.add(
      options.store.onDidChange((change) => {
        // Groups change when a job comes, goes or changes its state; a heartbeat alone is no movement.
        if (change.groups.length > 0) this.#noteMovement();
      }),
    );
  }

  get status(): PollStatus {
    return this.#status;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#schedule();
  }

  setAttention(attention: Attention): void {
    if (attention === this.#attention) return;
    this.#attention = attention;
    this.#schedule();
  }

  refresh(reason: string): Promise<void> {
    return this.#underWay ?? this.#poll(reason, true);
  }

  track(pandaIds: readonly number[]): void {
    if (pandaIds.length === 0) return;
    this.#round.want(pandaIds);
    this.#noteMovement();
  }

  cancelRequested(pandaIds: readonly number[]): void {
    const known = pandaIds.filter((pandaId) => this.#options.store.get(pandaId) !== undefined);
    this.#options.store.apply(known.map((pandaId) => ({ pandaId, cancelRequested: true })));
    this.#noteMovement();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#ending.abort();
    this.#owned.dispose();
  }

  #noteMovement(): void {
    this.#moved = true;
    this.#quietPolls = 0;
    if (this.#underWay === undefined) this.#schedule();
  }

  /** Sets the one timer for what remains of the wait, which may have become longer or shorter. */
  #schedule(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    if (!this.#started || this.#ending.signal.aborted || this.#underWay !== undefined) return;
    const wait = this.#wait();
    if (wait === undefined) return;
    const remaining = this.#remaining(wait);
    this.#announceNextTry(this.#options.clock.now() + remaining);
    this.#timer = this.#options.clock.after(remaining, () => {
      this.#timer = undefined;
      // The status tells of a failure.
      this.#poll('schedule', false).catch(() => undefined);
    });
  }

  #wait(): number | undefined {
    if (this.#endedAt === undefined) return 0;
    return waitFor({
      attention: this.#attention,
      unfinished: this.#round.hasPending,
      quietPolls: this.#quietPolls,
      lastDuration: this.#lastDuration,
      failure: this.#failure,
    });
  }

  /** A clock that was set back or forward shortens the wait to nothing or leaves it whole, never makes it longer. */
  #remaining(wait: number): number {
    if (this.#endedAt === undefined) return 0;
    const elapsed = this.#options.clock.now() - this.#endedAt;
    return wait - Math.min(wait, Math.max(0, elapsed));
  }

  #poll(reason: string, thorough: boolean): Promise<void> {
    this.#timer?.dispose();
    this.#timer = undefined;
    const poll = this.#pollOnce(reason, thorough).finally(() => {
      this.#underWay = undefined;
      this.#schedule();
    });
    this.#underWay = poll;
    return poll;
  }

  async #pollOnce(reason: string, thorough: boolean): Promise<void> {
    const signal = this.#ending.signal;
    signal.throwIfAborted();
    const startedAt = this.#options.clock.now();
    this.#options.onPoll?.(reason);
    this.#moved = false;
    try {
      await this.#round.run(thorough, signal);
      signal.throwIfAborted();
      this.#finish(startedAt);
      this.#failure = undefined;
      this.#quietPolls = this.#moved ? 0 : this.#quietPolls + 1;
      this.#asOf = startedAt;
      this.#setStatus({ kind: 'current', asOf: startedAt, warning: this.#round.warning });
    } catch (error) {
      if (signal.aborted) throw error;
      this.#finish(startedAt);
      this.#fail(toError(error));
      throw error;
    }
  }

  #finish(startedAt: number): void {
    this.#endedAt = this.#options.clock.now();
    this.#lastDuration = Math.max(0, this.#endedAt - startedAt);
  }

  /** The next try of a failing server moves with the attention. */
  #announceNextTry(nextTry: number): void {
    if (this.#status.kind !== 'failing' || this.#status.nextTry === nextTry) return;
    this.#setStatus({ ...this.#status, nextTry });
  }

  #fail(error: Error): void {
    this.#failure = { error, count: (this.#failure?.count ?? 0) + 1, jitter: this.#options.random() };
    const nextTry = this.#options.clock.now() + (this.#wait() ?? 0);
    this.#setStatus({ kind: 'failing', asOf: this.#asOf, error, nextTry });
  }

  #setStatus(status: PollStatus): void {
    this.#status = status;
    this.#emitter.fire(status);
  }
}
