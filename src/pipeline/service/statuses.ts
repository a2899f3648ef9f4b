import type { JobStatus } from '../rmi/index.ts';
import { statusOfJob } from './facts.ts';
import type { JournalJob, ServiceJournal } from './journal.ts';

export interface StatusesOptions {
  readonly user: string;
  /** Whom PanDA knows the jobs of. */
  readonly owner: string;
  readonly journal: ServiceJournal;
  /** Jobs that the journal could not be told of, by PandaID. */
  readonly unnoted: ReadonlyMap<number, JournalJob>;
}

/** Jobs of one of the pipeline's users, by the ids that it has of them. */
export interface JobStatuses {
  find(id: string): JournalJob | undefined;
  /** What the pipeline is told of a job; undefined where there is none. */
  of(id: string): JobStatus | undefined;
}

/** Answers that are kept: more than a pipeline has under way. About 400 bytes each. */
const MOST_KEPT = 20_000;

/** An answer is kept until something else is noted of its job, as most are asked for again before that. */
export function createStatuses({ user, owner, journal, unnoted }: StatusesOptions): JobStatuses {
  const kept = new Map<string, JobStatus>();
  journal.onChange((pandaId) => kept.delete(String(pandaId)));
  const find: JobStatuses['find'] = (id) => {
    if (!/^\d{1,15}$/.test(id)) return undefined;
    const pandaId = Number(id);
    return unnoted.get(pandaId) ?? journal.byPandaId(user, pandaId);
  };
  return {
    find,
    of(id) {
      const known = kept.get(id);
      if (known !== undefined) return known;
      const job = find(id);
      if (job === undefined) return undefined;
      const status = statusOf(job, owner);
      const key = String(job.pandaId);
      // What the journal does not have changes without its knowledge.
      if (key === id && !unnoted.has(Number(id))) keep(kept, id, status);
      return status;
    },
  };
}

function keep(kept: Map<string, JobStatus>, id: string, status: JobStatus): void {
  const [oldest] = kept.size < MOST_KEPT ? [] : kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(id, status);
}

function statusOf(
  { pandaId, submitted, facts, cancelRequested, ended }: JournalJob,
  owner: string,
): JobStatus {
  const asked = cancelRequested !== null && facts !== null && !ended;
  const known = asked ? { ...facts, cancelRequested: true } : facts;
  return statusOfJob({ pandaId: pandaId ?? 0, submitted, owner }, known);
}
