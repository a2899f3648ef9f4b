import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../watch/index.ts';
import type { Tell } from '../service/account.ts';
import { folderOf } from '../service/identity.ts';
import type { ServiceJournal } from '../service/journal.ts';

const DAY_MS = 86_400_000;
const PAUSE_MS = 3_600_000;

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
      const removed = journal.removeEnded(now - keepDays * DAY_MS);
      for (const job of removed) {
        const { user, submission } = job;
        await rm(join(folder, 'jobs', user, folderOf(job)), { recursive: true, force: true });
        if (submission !== null) await removeSubmission(join(folder, 'submissions', user), submission);
      }
      if (removed.length > 0) tell('info', 'sweep', { jobs: removed.length });
    },
  };
}

/** The journal of submissions has a file for each, in a folder of its profile. */
async function removeSubmission(folder: string, id: string): Promise<void> {
  for (const profile of await readdir(folder).catch(() => [])) {
    await rm(join(folder, profile, `${id}.jsonl`), { force: true });
  }
}
