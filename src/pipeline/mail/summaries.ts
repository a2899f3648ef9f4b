import { isAbort, PandaError } from '../../panda/index.ts';
import { StagingError } from '../../staging/index.ts';
import type { Clock } from '../../watch/index.ts';
import type { Tell } from '../service/account.ts';
import type { JournalJob } from '../service/journal.ts';

export interface SummarySource {
  /** What the job wrote for the pipeline; undefined where it wrote nothing. Rejects where nobody can say yet. */
  summaryOf(job: JournalJob): Promise<string | undefined>;
}

export interface SummaryDeps {
  readonly clock: Clock;
  readonly tell: Tell;
}

/** What jobs wrote for the pipeline, as far as it can be had in one round. */
export interface Summaries {
  /** Of a job that ended at a time (epoch milliseconds); empty where there is none, undefined while it may still come. */
  of(job: JournalJob, ended: number): Promise<string | undefined>;
}

/** Longest wait (ms) for what a job wrote, after it ended; the mail then goes without it. */
const PATIENCE = 600_000;

export function createSummaries(source: SummarySource, deps: SummaryDeps): Summaries {
  return new RoundSummaries(source, deps);
}

class RoundSummaries implements Summaries {
  readonly #source: SummarySource;
  readonly #deps: SummaryDeps;
  /** Why none can be had now: each would take as long to fail. */
  #trouble: Error | undefined;

  constructor(source: SummarySource, deps: SummaryDeps) {
    this.#source = source;
    this.#deps = deps;
  }

  async of(job: JournalJob, ended: number): Promise<string | undefined> {
    const { clock, tell } = this.#deps;
    try {
      return await this.#read(job);
    } catch (error) {
      const waited = clock.now() - ended;
      if (waited >= 0 && waited < PATIENCE) return undefined;
      tell('warning', 'mail.summary', {
        instance: job.instance,
        pandaId: job.pandaId,
        reason: error instanceof Error ? error.message : String(error),
      });
      return '';
    }
  }

  async #read(job: JournalJob): Promise<string> {
    if (this.#trouble !== undefined) throw this.#trouble;
    try {
      return (await this.#source.summaryOf(job)) ?? '';
    } catch (error) {
      if (error instanceof Error && isOutage(error)) this.#trouble = error;
      throw error;
    }
  }
}

function isOutage(error: Error): boolean {
  const isKnown = error instanceof PandaError || error instanceof StagingError;
  return error.name === 'TimeoutError' || isAbort(error) || (isKnown && error.kind === 'unreachable');
}
