import { setImmediate } from 'node:timers/promises';
import { isFinal } from '../../panda/index.ts';
import type { JobRecord } from '../../panda/index.ts';
import type { PandaAccount, Tell } from './account.ts';
import { factsOf } from './facts.ts';
import type { JobFacts } from './facts.ts';
import type { ServiceJournal, UnendedJob } from './journal.ts';
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

/** Jobs that are looked at before others have their turn. */
const SLICE = 100;

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
    const { user, account, tell, onPolled } = this.#options;
    const { clock } = account.deps;
    const begun = clock.now();
    this.#stale = false;
    try {
      const jobs = await this.#unended();
      const records = await this.#describe(jobs.map(({ pandaId }) => pandaId));
      let changed = 0;
      for (let from = 0; from < jobs.length; from += SLICE) {
        changed += await this.#note(jobs.slice(from, from + SLICE), records);
      }
      this.asOf = begun;
      this.trouble = undefined;
      tell('debug', 'poll', { user, jobs: jobs.length, changed, ms: clock.now() - begun });
    } catch (error) {
      this.#stale = true;
      this.trouble = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
    onPolled();
  }

  async #unended(): Promise<readonly UnendedJob[]> {
    const { user, journal } = this.#options;
    const jobs: UnendedJob[] = [];
    for (;;) {
      const more = journal.unended(user, jobs.at(-1)?.number ?? 0, SLICE);
      jobs.push(...more);
      if (more.length < SLICE) return jobs;
      await setImmediate();
    }
  }

  /** Notes what is new of jobs, and says of how many that is. */
  async #note(jobs: readonly UnendedJob[], records: ReadonlyMap<number, JobRecord>): Promise<number> {
    const { account, journal } = this.#options;
    const now = account.deps.clock.now();
    const noted: { readonly number: number; readonly facts: JobFacts }[] = [];
    for (const job of jobs) {
      const record = records.get(job.pandaId);
      const facts = record === undefined ? factsOfMissing(knownFacts(job), now) : factsOf(record, now);
      if (JSON.stringify(facts) === job.facts) continue;
      noted.push({ number: job.number, facts });
      this.#tellChange(job, facts);
    }
    if (noted.length === 0) await setImmediate();
    else {
      await journal.together(() => {
        for (const { number, facts } of noted) journal.noteFacts(number, facts, isFinal(facts.state));
      });
    }
    return noted.length;
  }

  #tellChange(job: UnendedJob, facts: JobFacts): void {
    const { tell } = this.#options;
    const { instance, pandaId } = job;
    const known = { instance, pandaId, state: facts.state };
    if (facts.missing !== undefined && facts.ended !== null) tell('error', 'job.lost', known);
    else if (facts.missing?.times === 1) tell('warning', 'job.missing', known);
    else if (facts.state !== knownFacts(job)?.state) tell('info', 'job.state', known);
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

function knownFacts({ facts }: UnendedJob): JobFacts | null {
  return facts === null ? null : (JSON.parse(facts) as JobFacts);
}
