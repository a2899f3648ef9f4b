import { isFinal } from '../../panda/index.ts';
import type { JobRecord } from '../../panda/index.ts';
import type { PandaAccount, Tell } from './account.ts';
import { factsOf } from './facts.ts';
import type { JobFacts } from './facts.ts';
import type { JournalJob, ServiceJournal } from './journal.ts';
import { factsOfMissing } from './missing.ts';

export interface StatusPollOptions {
  readonly user: string;
  readonly account: PandaAccount;
  readonly journal: ServiceJournal;
  /** For so long (ms) an answer of PanDA is good. */
  readonly cacheMs: number;
  readonly tell: Tell;
  /** Told after each poll. */
  readonly onPolled: () => void;
}

/** Keeps what the journal says of jobs at PanDA current: one bulk call for all of them, one at a time. */
export interface StatusPoll {
  /** Asks PanDA unless its last answer is young enough; joins a call under way. Rejects as that did. */
  current(): Promise<void>;
  /** The next `current` asks, however young the last answer is. */
  invalidate(): void;
  /** When PanDA was last asked with success; undefined: never. Epoch milliseconds. */
  readonly asOf: number | undefined;
  /** Why the last poll failed; undefined where it did not. */
  readonly trouble: Error | undefined;
}

export function createStatusPoll(options: StatusPollOptions): StatusPoll {
  return new Poll(options);
}

class Poll implements StatusPoll {
  readonly #options: StatusPollOptions;
  #flight: Promise<void> | undefined;
  #stale = true;
  asOf: number | undefined;
  trouble: Error | undefined;

  constructor(options: StatusPollOptions) {
    this.#options = options;
  }

  current(): Promise<void> {
    const { account, cacheMs } = this.#options;
    const age = account.deps.clock.now() - (this.asOf ?? -Infinity);
    // A clock that was set back makes no answer young for ever.
    if (!this.#stale && age >= 0 && age < cacheMs) return Promise.resolve();
    this.#flight ??= this.#poll().finally(() => (this.#flight = undefined));
    return this.#flight;
  }

  invalidate(): void {
    this.#stale = true;
  }

  async #poll(): Promise<void> {
    const { user, account, journal, tell, onPolled } = this.#options;
    const { clock } = account.deps;
    const begun = clock.now();
    this.#stale = false;
    try {
      const jobs = journal
        .unended(user)
        .flatMap((job) => (job.pandaId === null ? [] : [{ ...job, pandaId: job.pandaId }]));
      const records = await this.#describe(jobs.map(({ pandaId }) => pandaId));
      const noted = new Map<number, { facts: JobFacts; ended: boolean }>();
      for (const job of jobs) {
        const record = records.get(job.pandaId);
        const now = clock.now();
        const facts = record === undefined ? factsOfMissing(job.facts, now) : factsOf(record, now);
        if (JSON.stringify(facts) === JSON.stringify(job.facts)) continue;
        noted.set(job.number, { facts, ended: isFinal(facts.state) });
        this.#tellChange(job, facts);
      }
      journal.noteFacts(noted);
      this.asOf = begun;
      this.trouble = undefined;
      tell('debug', 'poll', { user, jobs: jobs.length, changed: noted.size, ms: clock.now() - begun });
    } catch (error) {
      this.#stale = true;
      this.trouble = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
    onPolled();
  }

  #tellChange({ instance, pandaId, facts: before }: JournalJob, facts: JobFacts): void {
    const { tell } = this.#options;
    const known = { instance, pandaId, state: facts.state };
    if (facts.missing !== undefined && facts.ended !== null) tell('error', 'job.lost', known);
    else if (facts.missing?.times === 1) tell('warning', 'job.missing', known);
    else if (facts.state !== before?.state) tell('info', 'job.state', known);
  }

  /** A job that the server has put away meanwhile is looked for there. */
  async #describe(ids: readonly number[]): Promise<ReadonlyMap<number, JobRecord>> {
    const { jobs } = this.#options.account.client;
    const found = new Map<number, JobRecord>();
    for (const archive of [false, true]) {
      const missing = ids.filter((id) => !found.has(id));
      if (missing.length === 0) break;
      for (const record of await jobs.describe(missing, { archive })) {
        if (record !== null) found.set(record.PandaID, record);
      }
    }
    return found;
  }
}
