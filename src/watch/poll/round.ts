import { isAbort, isFinal } from '../../panda/index.ts';
import type { JobRecord, JobsApi, MonitorApi, Profile, SystemApi } from '../../panda/index.ts';
import type { JobStore, JobUpdate } from '../api.ts';
import { updateOfMonitorJob, updateOfRecord } from '../store/jobUpdate.ts';
import { Attempts } from './attempts.ts';

/** Jobs asked for in one call to the client, whose records are let go before the next. */
const chunkSize = 1_000;
/** Jobs asked for in one poll; of more, the next poll asks for the next. */
const mostPerPoll = 10_000;
/** A job moves between the server's tables and can be missed once; after so many times it is not there. */
const missesUntilLost = 3;
const discoveryInterval = 60_000;
/** The monitor is asked for the last week first, then for the last day while that leaves no gap. */
const discoveryDays = 7;
const gapForOneDay = 12 * 3_600_000;
const discoveryLimit = 5_000;

/** What a poller needs of a `PandaClient`. */
export interface PollClient {
  readonly jobs: Pick<JobsApi, 'describe'>;
  readonly monitor: Pick<MonitorApi, 'jobsOfUser'> | undefined;
  readonly system: Pick<SystemApi, 'isAlive'>;
}

/** Which jobs to ask for, and what became of those that do not answer. */
export class PollRound {
  readonly #client: PollClient;
  readonly #store: JobStore;
  readonly #profile: Pick<Profile, 'user'>;
  readonly #now: () => number;
  /** To be described though not in the store, or ended: cleared by the answer. */
  readonly #wanted = new Set<number>();
  readonly #misses = new Map<number, number>();
  readonly #lost = new Set<number>();
  readonly #attempts = new Attempts();
  #offset = 0;
  #discoveredAt: number | undefined;
  #triedAt: number | undefined;
  #warning: Error | null = null;

  constructor(client: PollClient, store: JobStore, profile: Pick<Profile, 'user'>, now: () => number) {
    this.#client = client;
    this.#store = store;
    this.#profile = profile;
    this.#now = now;
  }

  /** Why jobs submitted elsewhere may be missing; null where nothing is amiss. */
  get warning(): Error | null {
    return this.#warning;
  }

  /** Whether there are jobs for the next poll to ask for. */
  get hasPending(): boolean {
    if (this.#wanted.size > 0) return true;
    let unfinished = 0;
    for (const [state, count] of Object.entries(this.#store.counts)) if (!isFinal(state)) unfinished += count;
    if (unfinished > this.#lost.size) return true;
    return unfinished > 0 && this.#candidates().length > 0;
  }

  want(pandaIds: Iterable<number>): void {
    for (const pandaId of pandaIds) {
      this.#wanted.add(pandaId);
      this.#forgive(pandaId);
    }
  }

  /** One poll. `thorough` looks for new jobs even if that was done lately, and for jobs given up. */
  async run(thorough: boolean, signal: AbortSignal): Promise<void> {
    if (thorough) for (const pandaId of this.#lost) this.#forgive(pandaId);
    await this.#discover(thorough, signal);
    const pandaIds = this.#inTurn();
    // Else nothing would be asked, and a server that is not there would look like one without jobs.
    if (pandaIds.length === 0 && this.#client.monitor === undefined) {
      await this.#client.system.isAlive({ signal });
    }
    for (let from = 0; from < pandaIds.length; from += chunkSize) {
      await this.#describe(pandaIds.slice(from, from + chunkSize), signal);
    }
  }

  #candidates(): readonly number[] {
    const unfinished = this.#store.unfinished().filter((pandaId) => !this.#lost.has(pandaId));
    if (this.#wanted.size === 0) return unfinished;
    return [...new Set([...this.#wanted, ...unfinished])];
  }

  #inTurn(): readonly number[] {
    const all = this.#candidates();
    if (all.length <= mostPerPoll) return all;
    const from = this.#offset % all.length;
    this.#offset = from + mostPerPoll;
    return [
      ...all.slice(from, from + mostPerPoll),
      ...all.slice(0, Math.max(0, from + mostPerPoll - all.length)),
    ];
  }

  async #discover(thorough: boolean, signal: AbortSignal): Promise<void> {
    const monitor = this.#client.monitor;
    if (monitor === undefined) return;
    const now = this.#now();
    if (!thorough && within(this.#triedAt, now, discoveryInterval)) return;
    this.#triedAt = now;
    const days = within(this.#discoveredAt, now, gapForOneDay) ? 1 : discoveryDays;
    try {
      const pace = thorough ? { fresh: true } : { background: true };
      const jobs = await monitor.jobsOfUser(this.#profile.user, {
        days,
        limit: discoveryLimit,
        signal,
        ...pace,
      });
      // The monitor lags behind the server, so that it has a say only in jobs we never heard of.
      const unheard = jobs.filter((job) => this.#store.get(job.pandaId) === undefined);
      // And in those that the server has forgotten: it then tells how they ended.
      const forgotten = jobs.filter((job) => this.#lost.has(job.pandaId) && isFinal(job.state));
      this.#store.apply([...unheard, ...forgotten].map(updateOfMonitorJob));
      this.want(unheard.filter((job) => isFinal(job.state)).map((job) => job.pandaId));
      this.#discoveredAt = now;
      this.#warning = null;
    } catch (error) {
      if (signal.aborted || isAbort(error)) throw error;
      this.#warning = toError(error);
    }
  }

  async #describe(pandaIds: readonly number[], signal: AbortSignal): Promise<void> {
    const records = await this.#client.jobs.describe(pandaIds, { signal });
    const absent = pandaIds.filter((_, at) => (records[at] ?? null) === null);
    this.#take(records);
    if (absent.length === 0) return;
    const archived = await this.#client.jobs.describe(absent, { archive: true, signal });
    this.#take(archived);
    this.#miss(absent.filter((_, at) => (archived[at] ?? null) === null));
  }

  #take(records: readonly (JobRecord | null)[]): void {
    const found = records.filter((record) => record !== null);
    for (const record of found) {
      this.#wanted.delete(record.PandaID);
      this.#misses.delete(record.PandaID);
    }
    const followed = this.#attempts.take(found);
    const update = (record: JobRecord): JobUpdate => ({
      ...updateOfRecord(record),
      // What finished stays what it is: the job that merges outputs is named after one of those that made them.
      superseded: record.jobStatus !== 'finished' && this.#attempts.isFollowed(record.PandaID),
    });
    const known = followed.filter((pandaId) => {
      const job = this.#store.get(pandaId);
      return job !== undefined && job.state !== 'finished';
    });
    this.#store.apply([...known.map((pandaId) => ({ pandaId, superseded: true })), ...found.map(update)]);
  }

  /** Jobs that neither the server nor its archive knows. */
  #miss(pandaIds: readonly number[]): void {
    const updates: JobUpdate[] = [];
    for (const pandaId of pandaIds) {
      const misses = (this.#misses.get(pandaId) ?? 0) + 1;
      this.#misses.set(pandaId, misses);
      if (misses < missesUntilLost) continue;
      this.#lost.add(pandaId);
      this.#wanted.delete(pandaId);
      const job = this.#store.get(pandaId);
      if (job !== undefined && !isFinal(job.state)) updates.push({ pandaId, state: 'unknown' });
    }
    this.#store.apply(updates);
  }

  #forgive(pandaId: number): void {
    this.#lost.delete(pandaId);
    this.#misses.delete(pandaId);
  }
}

/** False also when the clock was set back: then nothing can be said. */
function within(time: number | undefined, now: number, duration: number): boolean {
  return time !== undefined && now >= time && now - time < duration;
}

export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
