import { isFinal, type JobState, type PandaClient } from '../../panda/index.ts';
import type { JobGroup, JobStore, JournalEntry, SubmissionJournal } from '../../watch/index.ts';

/** Whether all jobs of a submission have ended; `unknown` where this machine cannot tell. */
export type AreaEnd = 'ended' | 'unfinished' | 'unknown';

export interface EndsDeps {
  readonly client: { readonly jobs: Pick<PandaClient['jobs'], 'describe'> };
  readonly store: Pick<JobStore, 'get' | 'groups'>;
  readonly journal: Pick<SubmissionJournal, 'read'>;
  readonly profile: { readonly name: string };
}

export interface SubmissionEnd {
  readonly end: AreaEnd;
  /** What the user called it, where that is known. */
  readonly name: string | undefined;
}

/** Looks submissions up in the journal, and asks PanDA for the jobs that the store does not show. */
export async function submissionEnds(
  ids: readonly string[],
  { client, store, journal, profile }: EndsDeps,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SubmissionEnd>> {
  const groups = new Map(store.groups('submission', '').map((group) => [group.key, group]));
  const ends = new Map<string, SubmissionEnd>();
  for (const id of ids) {
    signal.throwIfAborted();
    const entry = await journal.read(profile.name, id);
    const states = new Map<number, JobState>();
    for (const pandaId of acceptedBy(entry)) {
      const state = store.get(pandaId)?.state;
      if (state !== undefined) states.set(pandaId, state);
    }
    const missing = acceptedBy(entry).filter((pandaId) => !states.has(pandaId));
    if (missing.length > 0 && endOf(entry, groups.get(id), states) === 'unknown') {
      for (const record of await client.jobs.describe(missing, { archive: true, signal })) {
        if (record !== null) states.set(record.PandaID, record.jobStatus);
      }
    }
    ends.set(id, { end: endOf(entry, groups.get(id), states), name: entry?.submission.name });
  }
  return ends;
}

function acceptedBy(entry: JournalEntry | undefined): readonly number[] {
  return (entry?.submission.outcomes ?? []).flatMap((outcome) =>
    outcome.kind === 'accepted' ? [outcome.pandaId] : [],
  );
}

/** From the journal; without one, from jobs of the submission that were seen: those that move say enough, the others not. */
export function endOf(
  entry: JournalEntry | undefined,
  group: Pick<JobGroup, 'states'> | undefined,
  states: ReadonlyMap<number, JobState>,
): AreaEnd {
  const moves = Object.entries(group?.states ?? {}).some(([state, count]) => count > 0 && !isFinal(state));
  if (moves || entry?.status === 'running') return 'unfinished';
  if (entry === undefined) return 'unknown';
  let end: AreaEnd = 'ended';
  for (const { outcome, forgotten } of entry.submission.jobs) {
    if (outcome.kind === 'refused') continue;
    if (outcome.kind !== 'accepted') {
      // Lost on the way, or never sent: until the user gives it up it may be sent, and wants its files then.
      if (!forgotten) return 'unfinished';
      continue;
    }
    const state = states.get(outcome.pandaId);
    if (state === undefined) end = 'unknown';
    else if (!isFinal(state)) return 'unfinished';
  }
  return end;
}
