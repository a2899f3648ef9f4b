import type { Clock, Disposable, JournalEntry } from '../../watch/index.ts';
import { timeOfId } from '../../watch/index.ts';
import type { Session } from '../session.ts';

/** Submissions older than this (ms) are only looked for in the monitor. */
const REMEMBERED = 30 * 86_400_000;
/** So many of the latest jobs are asked for by id where the monitor does not show them: it has a limit of its own. */
const MOST_TRACKED = 20_000;
/** A submission is named some time (ms) before it is noted down: its files go to the cache first. */
const LATE_BY = 60_000;
/** Milliseconds between looks for what another program submitted. */
const LOOK_EVERY = 2000;

export interface FollowerDeps {
  readonly clock: Clock;
  readonly isLookedAt: () => boolean;
  /** Told of a journal that cannot be read. */
  readonly note: (error: unknown) => void;
}

/**
 * Takes in what the journal knows: the names of submissions, jobs that no monitor would show, and what the command line
 * or another window submits while this one is open.
 */
export class JournalFollower implements Disposable {
  readonly #session: Session;
  readonly #deps: FollowerDeps;
  /** Those named after this time may be new: epoch milliseconds. */
  #since: number;
  /** Ids that were taken in already. */
  readonly #known = new Set<string>();
  /** Submissions whose program is still at work. */
  #running: ReadonlySet<string> = new Set();
  #timer: Disposable | undefined;
  #disposed = false;

  constructor(session: Session, deps: FollowerDeps) {
    this.#session = session;
    this.#deps = deps;
    this.#since = deps.clock.now() - REMEMBERED;
  }

  /** Reads what there is, and goes on looking until it is disposed of. */
  async start(): Promise<void> {
    const entries = await this.#newEntries();
    const pandaIds = entries.flatMap((entry) => this.#takeIn(entry)).slice(-MOST_TRACKED);
    this.#schedule();
    // What the poller finds by itself need not be asked for; what keeps it from finding anything is the view's to tell.
    if (pandaIds.length > 0) await this.#session.poller.refresh('opened').catch(() => undefined);
    if (!this.#disposed) this.#track(pandaIds);
  }

  #track(pandaIds: readonly number[]): void {
    const { poller, store } = this.#session;
    const missing = pandaIds.filter((pandaId) => store.get(pandaId) === undefined);
    if (missing.length > 0) poller.track(missing);
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
  }

  #schedule(): void {
    if (this.#disposed) return;
    this.#timer = this.#deps.clock.after(LOOK_EVERY, () => {
      void this.#look()
        .catch(this.#deps.note)
        .finally(() => this.#schedule());
    });
  }

  async #look(): Promise<void> {
    if (!this.#deps.isLookedAt()) return;
    const { journal, profile } = this.#session;
    const running = await Promise.all([...this.#running].map((id) => journal.read(profile.name, id)));
    this.#running = new Set();
    const entries = [...running.filter((entry) => entry !== undefined), ...(await this.#newEntries())];
    this.#track(entries.flatMap((entry) => this.#takeIn(entry)));
  }

  async #newEntries(): Promise<readonly JournalEntry[]> {
    const { journal, profile } = this.#session;
    const { entries } = await journal.list(profile.name, { since: this.#since });
    const fresh = entries.filter(({ submission }) => !this.#known.has(submission.id));
    for (const { submission } of fresh) {
      this.#known.add(submission.id);
      this.#since = Math.max(this.#since, timeOfId(submission.id) - LATE_BY);
    }
    return fresh;
  }

  /** Names the submission; returns its jobs, once they are known. */
  #takeIn({ submission, status }: JournalEntry): readonly number[] {
    this.#session.store.nameSubmission(submission.id, submission.name);
    if (status === 'running') {
      this.#running = new Set([...this.#running, submission.id]);
      return [];
    }
    return submission.outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome.pandaId] : []));
  }
}
