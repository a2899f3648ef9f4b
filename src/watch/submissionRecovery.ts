import type { SubmitOutcome } from '../panda/index.ts';
import type { SubmitJobsDeps, SubmitResult } from './submission.ts';
import { SubmissionError } from './submissionError.ts';
import type { JournalEntry, JournalProblem } from './submissionJournal.ts';
import { lookUpByName, ONE_LOOK, PATIENT_LOOKS } from './submissionLookup.ts';
import { sendJobs } from './submissionSend.ts';
import type { SubmitProgress } from './submissionSend.ts';
import { unknownJobs } from './submissionState.ts';
import type { StoredJob, StoredSubmission } from './submissionState.ts';
import type { SubmissionWriter } from './submissionWriter.ts';

export interface RecoverOptions {
  readonly signal?: AbortSignal;
  /** Pauses (ms) between looks; by default patient for young submissions, one look for old ones. */
  readonly lookupPauses?: readonly number[];
}

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

/** A request is surely decided at the server, and shown by the monitor, after this long (ms). */
const SETTLED_BY = 600_000;

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
    const found = await lookUp(unknownJobs(submission), submission, writer, deps, options);
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

async function lookUp(
  jobs: readonly StoredJob[],
  submission: StoredSubmission,
  writer: SubmissionWriter,
  deps: SubmitJobsDeps,
  options: RecoverOptions,
): Promise<ReadonlyMap<string, SubmitOutcome>> {
  const lost = jobs.flatMap(({ outcome }) => (outcome.kind === 'unknown' ? [outcome] : []));
  if (lost.length === 0) return new Map();
  const young = deps.clock.now() - submission.submittedAt < SETTLED_BY;
  const pauses = options.lookupPauses ?? (young ? PATIENT_LOOKS : ONE_LOOK);
  const lookupDeps = { ...deps, monitor: deps.client.monitor };
  const outcomes = await lookUpByName(lost, lookupDeps, { pauses, signal: options.signal });
  await writer.outcomes(outcomes);
  return new Map(outcomes.map((outcome) => [outcome.jobName, outcome]));
}

export interface ResendOptions extends RecoverOptions {
  /** Names of the jobs to send; by default all that did not get to PanDA as far as is known. */
  readonly jobNames?: readonly string[];
  readonly onProgress?: (progress: SubmitProgress) => void;
}

/**
 * Sends jobs of an earlier submission again, under their old names: those that were not sent, and those of unknown fate
 * that a new look does not find either. The caller has asked the user. Rejects when nothing was sent.
 */
export async function resendJobs(
  id: string,
  deps: SubmitJobsDeps,
  options: ResendOptions = {},
): Promise<SubmitResult> {
  const claimed = await claimOrExplain(id, deps);
  const { submission, writer } = claimed;
  let settled = false;
  try {
    const wanted = new Set(options.jobNames ?? submission.jobs.map((job) => job.jobName));
    const lost = unknownJobs(submission).filter((job) => wanted.has(job.jobName));
    const found = await lookUp(lost, submission, writer, deps, options);
    const jobs = submission.jobs.filter((job) => {
      const kind = (found.get(job.jobName) ?? job.outcome).kind;
      return wanted.has(job.jobName) && (kind === 'notSent' || kind === 'unknown');
    });
    options.signal?.throwIfAborted();
    await keepFiles(jobs, deps, options);
    const sent = await sendJobs(jobs, writer, deps, {
      signal: options.signal,
      onProgress: options.onProgress,
      pauses: options.lookupPauses ?? PATIENT_LOOKS,
    });
    const last = new Map([...found, ...sent.outcomes.map((outcome) => [outcome.jobName, outcome] as const)]);
    const outcomes = submission.jobs.map((job) => last.get(job.jobName) ?? job.outcome);
    settled = sent.warnings.length === 0 && outcomes.every((outcome) => outcome.kind !== 'unknown');
    const { name, profile, submittedAt } = submission;
    return { id, name, profile, submittedAt, outcomes, warnings: sent.warnings };
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

async function claimOrExplain(id: string, deps: Pick<SubmitJobsDeps, 'journal' | 'profile'>) {
  const claimed = await deps.journal.claim(deps.profile.name, id);
  if (claimed !== undefined) return claimed;
  const entry = await deps.journal.read(deps.profile.name, id);
  if (entry === undefined) {
    throw new SubmissionError(
      `There is no submission ${id} of profile ${deps.profile.name} on this machine.`,
      'Look at the list of submissions',
    );
  }
  const { pid, host } = entry.submission.owner;
  throw new SubmissionError(
    `Submission ${id} is being worked on by process ${pid} on ${host}.`,
    'Wait until it is done, or end that process',
  );
}

/** The cache forgets files after some days: a job without its script would only fail. */
async function keepFiles(
  jobs: readonly StoredJob[],
  deps: SubmitJobsDeps,
  options: RecoverOptions,
): Promise<void> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  for (const name of new Set(jobs.flatMap((job) => job.request.cacheFiles))) {
    if (await deps.client.files.touchCacheFile(name, call)) continue;
    throw new SubmissionError(
      `The file ${name} of these jobs is no longer in the PanDA cache. Nothing was sent.`,
      'Submit them anew from their script',
    );
  }
}
