import type { SubmitJobsDeps } from './submission.ts';
import { SubmissionError } from './error.ts';
import { refuseOfSomebodyElse } from './person.ts';

/** Takes a submission over, or rejects with a SubmissionError that says why not. */
export async function claimOrExplain(id: string, deps: Pick<SubmitJobsDeps, 'journal' | 'profile'>) {
  const claimed = await deps.journal.claim(deps.profile.name, id);
  if (claimed !== undefined) return claimed;
  const entry = await deps.journal.read(deps.profile.name, id);
  if (entry === undefined) {
    throw new SubmissionError(
      `There is no submission ${id} of profile ${deps.profile.name} on this machine.`,
      'Look at the list of submissions',
    );
  }
  refuseOfSomebodyElse(`Submission ${id}`, entry.submission, deps.profile);
  const { pid, host } = entry.submission.owner;
  throw new SubmissionError(
    `Submission ${id} is being worked on by process ${pid} on ${host}.`,
    'Wait until it is done, or end that process',
  );
}
