import type { SubmitOutcome } from '../../panda/index.ts';
import type { SubmitJobsDeps } from './submission.ts';
import type { JournalEntry, JournalProblem } from './journal.ts';
import { claimOrExplain } from './claim.ts';
import { lookUp } from './resend.ts';
import type { RecoverOptions } from './resend.ts';
import { unknownJobs } from './state.ts';
import type { StoredSubmission } from './state.ts';
import type { SubmissionWriter } from './writer.ts';

/** What became of one submission that its process did not end. */
export interface RecoveredSubmission {
  readonly submission: StoredSubmission;
  /** Jobs that turned out to exist. */
  readonly adopted: readonly SubmitOutcome[];
  /** Jobs of which nobody can say whether they exist: the user decides, `resendJobs` or `forgetJobs`. */
  readonly unknown: readonly SubmitOutcome[];
  /** Jobs that surely never left; `resendJobs` sends them. */
  readonly notSent: readonly SubmitOutcome[];
}

export interface RecoveryReport {
  readonly recovered: readonly RecoveredSubmission[];
  /** Journal files that could not be used. */
  readonly problems: readonly JournalProblem[];
}

/**
 * Finishes what a dead process left of the profile's submissions: finds its jobs by name and notes them down. Sends
 * nothing. Submissions of living processes are not touched.
 */
export async function recoverSubmissions(
  deps: SubmitJobsDeps,
  options: RecoverOptions = {},
): Promise<RecoveryReport> {
  const { entries, problems } = await deps.journal.unsettled(deps.profile.name);
  const recovered: RecoveredSubmission[] = [];
  for (const entry of entries) {
    if (options.signal?.aborted === true) break;
    if (entry.status === 'running' || !worthRecovering(entry)) continue;
    const claimed = await deps.journal.claim(deps.profile.name, entry.submission.id);
    if (claimed !== undefined) recovered.push(await recover(claimed, deps, options));
  }
  return { recovered, problems };
}

/** Something is open, or its process died and the user has not heard of it. */
function worthRecovering({ submission, status }: JournalEntry): boolean {
  return status === 'interrupted' || unknownJobs(submission).length > 0;
}

async function recover(
  claimed: { readonly submission: StoredSubmission; readonly writer: SubmissionWriter },
  deps: SubmitJobsDeps,
  options: RecoverOptions,
): Promise<RecoveredSubmission> {
  const { submission, writer } = claimed;
  let settled = false;
  try {
    const { found } = await lookUp(unknownJobs(submission), submission, writer, deps, options);
    const results = [...found.values()];
    const unknown = results.filter((outcome) => outcome.kind === 'unknown');
    settled = unknown.length === 0;
    return {
      submission: {
        ...submission,
        outcomes: submission.jobs.map((job) => found.get(job.jobName) ?? job.outcome),
      },
      adopted: results.filter((outcome) => outcome.kind === 'accepted'),
      unknown,
      notSent: submission.jobs.flatMap(({ outcome, forgotten }) =>
        outcome.kind === 'notSent' && !forgotten ? [outcome] : [],
      ),
    };
  } finally {
    await writer.release(settled);
  }
}

/** Ends the search for jobs of unknown fate, and the wish to send those that never left. Nothing is sent or cancelled. */
export async function forgetJobs(
  id: string,
  deps: Pick<SubmitJobsDeps, 'journal' | 'profile'>,
): Promise<void> {
  const { submission, writer } = await claimOrExplain(id, deps);
  let settled = false;
  try {
    const open = submission.jobs.filter(
      ({ outcome }) => outcome.kind === 'unknown' || outcome.kind === 'notSent',
    );
    await writer.forgotten(open.map((job) => job.jobName));
    settled = true;
  } finally {
    await writer.release(settled);
  }
}
