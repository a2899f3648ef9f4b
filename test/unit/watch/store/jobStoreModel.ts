import { compareStates } from '../../../../src/watch/index.ts';
import type { Grouping, Job, JobStore, JobUpdate } from '../../../../src/watch/index.ts';
import { isFinal, parseJobName } from '../../../../src/panda/index.ts';

export type PlainJob = { -readonly [Key in keyof Job]: Job[Key] };

export interface PlainGroup {
  readonly id: string;
  readonly key: string;
  readonly label: string;
  readonly size: number;
  readonly states: Readonly<Record<string, number>>;
  readonly cancelRequested: number;
  readonly members: readonly number[];
}

export const groupings: readonly Grouping[] = ['state', 'submission', 'site', 'day'];

const otherLabels: Readonly<Record<Grouping, string>> = {
  state: '',
  submission: 'Submitted by other programs',
  site: 'No site yet',
  day: 'Unknown day',
};

/** What a store should be, without any thought of speed or space. */
export class ModelStore {
  readonly jobs = new Map<number, PlainJob>();
  readonly names = new Map<string, string>();

  /** The ids added and those changed. */
  apply(updates: readonly JobUpdate[]): { added: number[]; changed: number[] } {
    const added: number[] = [];
    const changed: number[] = [];
    for (const update of updates) {
      const known = this.jobs.get(update.pandaId);
      if (
        known !== undefined &&
        isFinal(known.state) &&
        update.state !== undefined &&
        update.state !== known.state
      ) {
        continue;
      }
      const next = { ...(known ?? emptyJob(update.pandaId)), ...update };
      const parsed = parseJobName(next.jobName);
      next.submissionId = parsed?.submissionId ?? null;
      next.name = next.jobName === '' ? String(next.pandaId) : (parsed?.name ?? next.jobName);
      if (isFinal(next.state)) next.cancelRequested = false;
      this.jobs.set(update.pandaId, next);
      if (known === undefined) added.push(update.pandaId);
      else if (JSON.stringify(known) !== JSON.stringify(next)) changed.push(update.pandaId);
    }
    return { added, changed };
  }

  remove(pandaIds: readonly number[]): number[] {
    return [...new Set(pandaIds)].filter((pandaId) => this.jobs.delete(pandaId));
  }

  newestFirst(filter: string): PlainJob[] {
    const words = filter.toLowerCase().split(' ').filter(Boolean);
    return [...this.jobs.values()]
      .filter((job) => {
        const texts = [job.name, job.jobName, String(job.pandaId), job.site, job.state, job.error];
        return words.every((word) => texts.some((text) => text?.toLowerCase().includes(word)));
      })
      .sort((a, b) => b.pandaId - a.pandaId);
  }

  groups(grouping: Grouping, filter: string): PlainGroup[] {
    const byKey = new Map<string, PlainJob[]>();
    for (const job of this.newestFirst(filter)) {
      const key = keyOf(job, grouping);
      byKey.set(key, [...(byKey.get(key) ?? []), job]);
    }
    const keys = [...byKey.keys()].sort((a, b) => compare(grouping, a, b));
    return keys.map((key) => this.#group(grouping, key, byKey.get(key) ?? []));
  }

  #group(grouping: Grouping, key: string, jobs: readonly PlainJob[]): PlainGroup {
    const states = new Map<string, number>();
    for (const job of jobs) states.set(job.state, (states.get(job.state) ?? 0) + 1);
    return {
      id: `${grouping}:${key}`,
      key,
      label: key === '' ? otherLabels[grouping] : grouping === 'submission' ? this.#label(key) : key,
      size: jobs.length,
      states: Object.fromEntries(states),
      cancelRequested: jobs.filter((job) => job.cancelRequested).length,
      members: jobs.map((job) => job.pandaId),
    };
  }

  #label(submissionId: string): string {
    const number = (job: PlainJob): number => parseJobName(job.jobName)?.number ?? 0;
    const [first] = [...this.jobs.values()]
      .filter((job) => job.submissionId === submissionId)
      .sort((a, b) => number(a) - number(b));
    return this.names.get(submissionId) ?? first?.name ?? '';
  }
}

/** The same of a real store. */
export function groupsOf(store: JobStore, grouping: Grouping, filter: string): PlainGroup[] {
  return store.groups(grouping, filter).map(({ id, key, label, size, states, cancelRequested, ...rest }) => ({
    id,
    key,
    label,
    size,
    states,
    cancelRequested,
    members: store.members(
      { id, key, label, size, states, cancelRequested, grouping: rest.grouping },
      filter,
      0,
      1e9,
    ),
  }));
}

export function plain(job: Job): PlainJob {
  const { pandaId, name, jobName, submissionId, state, cancelRequested, site, transformation } = job;
  const { creationTime, startTime, endTime, modificationTime, error, attempt, taskId, superseded } = job;
  return {
    ...{ pandaId, name, jobName, submissionId, state, cancelRequested, site, transformation },
    ...{ creationTime, startTime, endTime, modificationTime, error, attempt, taskId, superseded },
  };
}

function emptyJob(pandaId: number): PlainJob {
  return {
    ...{ pandaId, name: '', jobName: '', submissionId: null, state: 'unknown', cancelRequested: false },
    ...{ site: null, transformation: null, creationTime: null, startTime: null, endTime: null },
    ...{ modificationTime: null, error: null, attempt: 0, taskId: null, superseded: false },
  };
}

function keyOf(job: PlainJob, grouping: Grouping): string {
  switch (grouping) {
    case 'state':
      return job.state;
    case 'submission':
      return job.submissionId ?? '';
    case 'site':
      return job.site ?? '';
    case 'day':
      return job.creationTime === null ? '' : new Date(job.creationTime).toISOString().slice(0, 10);
  }
}

function compare(grouping: Grouping, a: string, b: string): number {
  if (a === '') return 1;
  if (b === '') return -1;
  if (grouping === 'state') return compareStates(a, b);
  return (a < b ? -1 : 1) * (grouping === 'site' ? 1 : -1);
}
