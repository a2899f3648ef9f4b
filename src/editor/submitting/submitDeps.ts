import { systemClock, type SubmitJobsDeps } from '../../watch/index.ts';
import type { Session } from '../session.ts';

/** What the submission code needs, from a session. */
export function submitDeps(session: Session): SubmitJobsDeps {
  const { client, profile, journal } = session;
  return { client, profile, journal, clock: systemClock, random: Math.random };
}
