import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../watch/index.ts';
import type { Tell } from '../service/account.ts';
import { folderOf } from '../service/identity.ts';
import type { JournalJob, ServiceJournal } from '../service/journal.ts';

const DAY_MS = 86_400_000;
const PAUSE_MS = 3_600_000;
/** Jobs that are forgotten before others have their turn. */
const SLICE = 100;

/** Forgets jobs that ended long ago, with the files that the service kept of them. */
export interface Sweep {
  /** At most once an hour. */
  round(): Promise<void>;
}

/** `folder`: where those of all users are. */
export function createSweep(
  journal: ServiceJournal,
  folder: string,
  keepDays: number,
  clock: Clock,
  tell: Tell,
): Sweep {
  let last = -Infinity;
  return {
    async round() {
      const now = clock.now();
      if (Math.abs(now - last) < PAUSE_MS) return;
      last = now;
      let jobs = 0;
      for (;;) {
        const removed = journal.removeEnded(now - keepDays * DAY_MS, SLICE);
        for (const job of removed) await removeFiles(folder, job);
        jobs += removed.length;
        if (removed.length < SLICE) break;
      }
      if (jobs > 0) tell('info', 'sweep', { jobs });
    },
  };
}

/** What the service kept of a job. */
async function removeFiles(folder: string, job: JournalJob): Promise<void> {
  const { user, submission } = job;
  await rm(join(folder, 'jobs', user, folderOf(job)), { recursive: true, force: true });
  if (submission !== null) await removeSubmission(join(folder, 'submissions', user), submission);
}

/** The journal of submissions has a file for each, in a folder of its profile. */
async function removeSubmission(folder: string, id: string): Promise<void> {
  for (const profile of await readdir(folder).catch(() => [])) {
    await rm(join(folder, profile, `${id}.jsonl`), { force: true });
  }
}
