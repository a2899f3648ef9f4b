import type { SubmitJobsDeps } from './submission.ts';
import { claimOrExplain } from './claim.ts';
import { SubmissionError } from './error.ts';
import type { SubmitProgress } from './send.ts';
import { signSubmission } from './signing.ts';
import type { Signed, SigningJob } from './signing.ts';
import { unknownJobs } from './state.ts';
import type { StoredJob, StoredStaging, StoredSubmission } from './state.ts';
import type { SubmissionWriter } from './writer.ts';

export interface RenewOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SubmitProgress) => void) | undefined;
}

/**
 * Signs the manifests of a submission anew: jobs that have not started yet find fresh URLs when they do. Rejects with
 * SubmissionError where another process works on it, or it is staged nowhere, and as signing does.
 */
export async function renewStaging(
  id: string,
  deps: SubmitJobsDeps,
  options: RenewOptions = {},
): Promise<Signed> {
  const { submission, writer } = await claimOrExplain(id, deps);
  try {
    const signed = await signAgain(submission, writer, deps, options);
    if (signed !== undefined) return signed;
    throw new SubmissionError(`Submission ${id} is staged nowhere.`, 'There is nothing to renew');
  } finally {
    await writer.release(unknownJobs(submission).length === 0);
  }
}

/** Signs the manifests of a submission that this process has claimed; undefined where it is staged nowhere. */
export async function signAgain(
  { staging, jobs }: StoredSubmission,
  writer: SubmissionWriter,
  deps: SubmitJobsDeps,
  { signal, onProgress }: RenewOptions,
): Promise<Signed | undefined> {
  if (staging === undefined) return undefined;
  const length = jobs.at(-1)?.number ?? 0;
  const work = {
    ...staging,
    jobs: { length, [Symbol.iterator]: () => signingJobs(jobs, length) },
    wallSeconds: jobs.reduce((most, job) => Math.max(most, wallSecondsOf(job)), 0),
  };
  const signed = await signSubmission(work, deps, {
    signal,
    onProgress: (done, total) => onProgress?.({ phase: 'signing', done, total }),
  });
  await writer.signed(deps.clock.now(), signed.expiresAt);
  return signed;
}

/** One for every number, in order: a job whose line in the journal was damaged has its place all the same. */
function* signingJobs(jobs: readonly StoredJob[], length: number): Generator<SigningJob> {
  const nothing = { inputs: [], outputs: [] };
  const byNumber = new Map(jobs.map((job) => [job.number, job]));
  for (let number = 1; number <= length; number += 1) {
    const job = byNumber.get(number);
    const wallSeconds = job === undefined ? 0 : wallSecondsOf(job);
    yield { number, staged: job?.staged ?? nothing, wallSeconds };
  }
}

function wallSecondsOf({ spec }: StoredJob): number {
  return spec.maxWalltime ?? 0;
}

const DAY_MS = 86_400_000;

/**
 * When the manifests of a submission are to be signed anew, epoch milliseconds: a day before they run out, or half way
 * where they never were good for that long. Undefined where that is never: a folder asks nobody for a signature.
 */
export function renewalDue(staging: StoredStaging | undefined): number | undefined {
  if (staging?.signed === undefined || staging.settings.kind === 'folder') return undefined;
  const { at, expiresAt } = staging.signed;
  return Math.max(expiresAt - DAY_MS, at + (expiresAt - at) / 2);
}
