import type { Profile } from '../../panda/index.ts';
import { SubmissionError } from './error.ts';

/** What was noted down, with who submitted it as PanDA calls them; undefined where that was not known. */
interface Noted {
  readonly user?: string | undefined;
}

/** Whether it is another person's: one profile may be used as several. What tells nothing is everybody's. */
export function isOfSomebodyElse(noted: Noted, user: string | undefined): boolean {
  return noted.user !== undefined && user !== undefined && noted.user !== user;
}

/** Throws a SubmissionError where `what` (`Submission 1a2b3c`) was noted down as somebody else. */
export function refuseOfSomebodyElse(
  what: string,
  noted: Noted,
  { name, signedInAs }: Pick<Profile, 'name' | 'signedInAs'>,
): void {
  if (!isOfSomebodyElse(noted, signedInAs)) return;
  throw new SubmissionError(
    `${what} is of ${noted.user}, and profile ${name} is used as ${signedInAs}.`,
    `Use the profile as ${noted.user} for it`,
  );
}
