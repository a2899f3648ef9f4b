import type { SubmitOutcome } from '../../panda/index.ts';
import type { SubmitJobsDeps, SubmitResult } from './submission.ts';
import { claimOrExplain } from './claim.ts';
import { SubmissionError } from './error.ts';
import { lookUpByName, ONE_LOOK, PATIENT_LOOKS } from './lookup.ts';
import { signAgain } from './renew.ts';
import { sendJobs } from './send.ts';
import { missingInputs, refuseMissing } from './staging.ts';
import type { SubmitProgress } from './send.ts';
import { unknownJobs } from './state.ts';
import type { StoredJob, StoredSubmission } from './state.ts';
import type { SubmissionWriter } from './writer.ts';

export interface RecoverOptions {
  readonly signal?: AbortSignal;
  /** Pauses (ms) between looks; by default patient for young submissions, one look for old ones. */
  readonly lookupPauses?: readonly number[];
}

export interface ResendOptions extends RecoverOptions {
  /** Names of the jobs to send; by default all that did not get to PanDA as far as is known. */
  readonly jobNames?: readonly string[];
  readonly onProgress?: (progress: SubmitProgress) => void;
}

export interface ResumeOptions extends RecoverOptions {
  readonly onProgress?: (progress: SubmitProgress) => void;
  /**
   * So long (ms) after it was sent a request is surely decided, and its jobs are shown by the monitor; ten minutes by
   * default, seconds will do for a sandbox.
   */
  readonly settledAfter?: number;
}

/** A request is surely decided at the server, and shown by the monitor, after this long (ms). */
const SETTLED_BY = 600_000;
/** Longest wait (ms) for a request to be surely decided. */
const LONGEST_WAIT = 60_000;

/**
 * Sends jobs of an earlier submission again, under their old names: those that were not sent, and those of unknown fate
 * that a new look does not find either. The caller has asked the user. Rejects when nothing was sent.
 */
export async function resendJobs(
  id: string,
  deps: SubmitJobsDeps,
  options: ResendOptions = {},
): Promise<SubmitResult> {
  return sendAgain(id, deps, options, async (submission, writer) => {
    const wanted = new Set(options.jobNames ?? submission.jobs.map((job) => job.jobName));
    const lost = unknownJobs(submission).filter((job) => wanted.has(job.jobName));
    const { found } = await lookUp(lost, submission, writer, deps, options);
    const jobs = submission.jobs.filter((job) => {
      const kind = (found.get(job.jobName) ?? job.outcome).kind;
      return wanted.has(job.jobName) && (kind === 'notSent' || kind === 'unknown');
    });
    return { found, jobs };
  });
}

/**
 * Goes on with a submission that ended half way: sends the jobs that never left, under their old names, and those that
 * were being sent when it ended but surely do not exist, as the monitor does not show them long enough after. Those that
 * may still come to be stay unknown. So none is sent twice, and nobody has to be asked. Rejects when nothing was sent.
 */
export async function resumeSubmission(
  id: string,
  deps: SubmitJobsDeps,
  options: ResumeOptions = {},
): Promise<SubmitResult> {
  return sendAgain(id, deps, options, async (submission, writer) => {
    const settledAfter = options.settledAfter ?? SETTLED_BY;
    const lost = unknownJobs(submission);
    const lookupPauses = options.lookupPauses ?? pausesFor(lost, deps.clock.now(), settledAfter);
    const { found, askedAt } = await lookUp(lost, submission, writer, deps, { ...options, lookupPauses });
    const isAbsent = ({ sentAt }: StoredJob): boolean =>
      sentAt !== null && askedAt !== undefined && askedAt - sentAt >= settledAfter;
    const jobs = submission.jobs.filter((job) => {
      if (job.forgotten) return false;
      const { kind } = found.get(job.jobName) ?? job.outcome;
      return kind === 'notSent' || (kind === 'unknown' && isAbsent(job));
    });
    return { found, jobs };
  });
}

/** One look is enough where all is decided by now, or will be in a moment. */
function pausesFor(lost: readonly StoredJob[], now: number, settledAfter: number): readonly number[] {
  const last = lost.reduce((latest, { sentAt }) => Math.max(latest, sentAt ?? 0), 0);
  const left = last + settledAfter - now;
  if (left <= 0) return ONE_LOOK;
  // Pauses are drawn a quarter shorter or longer.
  return left <= LONGEST_WAIT ? [0, left * 1.4] : PATIENT_LOOKS;
}

async function sendAgain(
  id: string,
  deps: SubmitJobsDeps,
  options: RecoverOptions & { readonly onProgress?: (progress: SubmitProgress) => void },
  choose: (
    submission: StoredSubmission,
    writer: SubmissionWriter,
  ) => Promise<{
    readonly found: ReadonlyMap<string, SubmitOutcome>;
    readonly jobs: readonly StoredJob[];
  }>,
): Promise<SubmitResult> {
  const { submission, writer } = await claimOrExplain(id, deps);
  let settled = false;
  try {
    const { found, jobs } = await choose(submission, writer);
    options.signal?.throwIfAborted();
    await keepFiles(jobs, deps, options);
    await checkInputs(submission, jobs, deps, options);
    const signed = jobs.length === 0 ? undefined : await signAgain(submission, writer, deps, options);
    const sent = await sendJobs(jobs, writer, deps, {
      signal: options.signal,
      onProgress: options.onProgress,
      pauses: options.lookupPauses ?? PATIENT_LOOKS,
    });
    const last = new Map([...found, ...sent.outcomes.map((outcome) => [outcome.jobName, outcome] as const)]);
    const outcomes = submission.jobs.map((job) => last.get(job.jobName) ?? job.outcome);
    settled = sent.warnings.length === 0 && outcomes.every((outcome) => outcome.kind !== 'unknown');
    const { name, profile, submittedAt } = submission;
    return {
      id,
      name,
      profile,
      submittedAt,
      outcomes,
      warnings: [...(signed?.warnings ?? []), ...sent.warnings],
    };
  } finally {
    await writer.release(settled);
  }
}

/** Looks jobs of unknown fate up by name, and notes what was found. */
export async function lookUp(
  jobs: readonly StoredJob[],
  submission: StoredSubmission,
  writer: SubmissionWriter,
  deps: SubmitJobsDeps,
  options: RecoverOptions,
): Promise<{
  readonly found: ReadonlyMap<string, SubmitOutcome>;
  /** When the monitor was asked (epoch milliseconds) for what it last answered; undefined where it did not. */
  readonly askedAt: number | undefined;
}> {
  const lost = jobs.flatMap(({ outcome }) => (outcome.kind === 'unknown' ? [outcome] : []));
  let askedAt: number | undefined;
  if (lost.length === 0) return { found: new Map(), askedAt };
  const young = deps.clock.now() - submission.submittedAt < SETTLED_BY;
  const outcomes = await lookUpByName(
    lost,
    { ...deps, monitor: deps.client.monitor },
    {
      pauses: options.lookupPauses ?? (young ? PATIENT_LOOKS : ONE_LOOK),
      signal: options.signal,
      onAnswer: (at) => (askedAt = at),
    },
  );
  await writer.outcomes(outcomes);
  return { found: new Map(outcomes.map((outcome) => [outcome.jobName, outcome])), askedAt };
}

/** What was cleaned up where it was staged cannot be fetched any more. */
async function checkInputs(
  { staging }: StoredSubmission,
  jobs: readonly StoredJob[],
  deps: SubmitJobsDeps,
  { signal }: RecoverOptions,
): Promise<void> {
  if (staging === undefined) return;
  const places = new Set(jobs.flatMap((job) => job.staged?.inputs ?? []));
  const wanted = staging.inputs.filter((_, place) => places.has(place));
  const store = deps.stores.open(staging.settings);
  const stop = signal === undefined ? {} : { signal };
  refuseMissing(await missingInputs(store, staging.area.user, wanted, stop));
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
