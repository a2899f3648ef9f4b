import { parseJobName } from '../../panda/index.ts';
import { createJobStore, updateOfMonitorJob, updateOfRecord } from '../../watch/index.ts';
import type { Job, JobStore } from '../../watch/index.ts';
import type { Connection } from '../connection.ts';

export interface JobSelection {
  /** Words that must all occur; see `JobStore.groups`. */
  readonly filter: string;
  /** Empty for any state. */
  readonly states: readonly string[];
  readonly days: number;
  readonly limit: number;
}

/** Rows at most for which the monitor is asked. */
const MOST = 5_000;

/**
 * Fills a store with the jobs of the profile's user: those the monitor lists, and those submitted from this machine,
 * which a monitor may not show yet.
 */
export async function discoverJobs(
  { client, profile, journal }: Connection,
  selection: JobSelection,
  now: number,
  signal: AbortSignal,
): Promise<JobStore> {
  const store = createJobStore();
  const { days } = selection;
  if (client.monitor !== undefined) {
    const jobs = await client.monitor.jobsOfUser(profile.user, { days, limit: MOST, signal });
    store.apply(jobs.map(updateOfMonitorJob));
  }
  const { entries } = await journal.list(profile.name, { since: now - days * 86_400_000 });
  const noted = entries.flatMap(({ submission }) =>
    submission.outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome] : [])),
  );
  const missing = noted.filter(({ pandaId }) => store.get(pandaId) === undefined).slice(-MOST);
  if (missing.length > 0) {
    const records = await client.jobs.describe(
      missing.map(({ pandaId }) => pandaId),
      { signal },
    );
    // A number may have been given anew, as in a sandbox that was reset: the name tells.
    store.apply(
      records.flatMap((record, index) =>
        record !== null && record.jobName === missing[index]?.jobName ? [updateOfRecord(record)] : [],
      ),
    );
  }
  return store;
}

/** The jobs that a selection shows, newest first, and how many there are of them in all. */
export function selectJobs(
  store: JobStore,
  selection: JobSelection,
): { jobs: readonly Job[]; total: number } {
  const states = new Set(selection.states);
  const jobs = store
    .groups('day', selection.filter)
    .flatMap((group) => store.members(group, selection.filter, 0, group.size))
    .flatMap((pandaId) => store.get(pandaId) ?? [])
    .filter((job) => states.size === 0 || states.has(job.state));
  return { jobs: jobs.sort(byAge).slice(0, selection.limit), total: jobs.length };
}

/** Brings what is shown up to date: the monitor's list is brief, and behind the server. */
export async function refreshJobs(
  { client }: Connection,
  store: JobStore,
  jobs: readonly Job[],
  signal: AbortSignal,
): Promise<void> {
  if (jobs.length === 0) return;
  const records = await client.jobs.describe(
    jobs.map((job) => job.pandaId),
    { signal },
  );
  store.apply(records.flatMap((record) => (record === null ? [] : [updateOfRecord(record)])));
}

/** Newest submission first, and within one in the order it was made. */
function byAge(one: Job, other: Job): number {
  const [a, b] = [parseJobName(one.jobName), parseJobName(other.jobName)];
  if (a !== null && b !== null && a.submissionId === b.submissionId) return a.number - b.number;
  return other.pandaId - one.pandaId;
}
