import { dirname, join } from 'node:path';
import { systemClock, type SubmitJobsDeps } from '../../watch/index.ts';
import type { Session } from '../session.ts';

/** What the submission code needs, from a session. */
export function submitDeps(session: Session): SubmitJobsDeps {
  const { client, profile, journal, staging: stores } = session;
  // Shared with the command line, so that each goes on with what the other began.
  const uploadsFolder = join(dirname(journal.folder), 'uploads');
  return { client, profile, journal, clock: systemClock, random: Math.random, stores, uploadsFolder };
}
