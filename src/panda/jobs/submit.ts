import type { JobsApi, SubmitOptions, SubmitOutcome } from '../api.ts';
import type { ApiCall, ApiCaller } from '../apiCaller.ts';
import { chunksOf, forEachParallel } from './bulk.ts';
import { explain, InvalidJobsError, PandaError } from '../errors/errors.ts';
import type { JobSpec } from './record.ts';
import { acceptedPandaId, isWhole, jobsetIdOf, sameOwner } from '../wire/quirks.ts';
import type { RetryTools } from '../http/retry.ts';
import { validateJobSpecs } from './validateJobSpec.ts';
import { count } from '../text/words.ts';
import { encodeJobs } from '../wire/encode.ts';

/** Jobs in one call: two to three seconds of a real server, 375 kB. */
const JOBS_PER_CALL = 250;

/**
 * Submits in calls of a few hundred jobs and says what became of each. A call whose answer is lost is never repeated;
 * after such a call, or one that shows that no other can succeed, nothing more is sent. After an abort no further call
 * begins; those under way may end within `abortGraceMs`, as their jobs very likely exist by then.
 */
export function createSubmit(caller: ApiCaller, tools: RetryTools, abortGraceMs: number): JobsApi['submit'] {
  return async (specs, options = {}) => {
    options.signal?.throwIfAborted();
    const problems = validateJobSpecs(specs);
    if (problems.length > 0) {
      throw new InvalidJobsError(jobsCall(specs).tried, problems);
    }
    const chunks = chunksOf(specs, JOBS_PER_CALL, (before, after) => !sameOwner(before, after));
    const submission = new Submission(caller, specs.length, options);
    const grace = graceAfterAbort(options.signal, tools, abortGraceMs);
    try {
      await forEachParallel(chunks, (chunk, index) => submission.send(chunk, index, grace.signal));
    } finally {
      grace.dispose();
    }
    return submission.outcomes();
  };
}

class Submission {
  readonly #caller: ApiCaller;
  readonly #total: number;
  readonly #options: SubmitOptions;
  readonly #results: SubmitOutcome[][] = [];
  #done = 0;
  /** Why no further call is sent. */
  #stopped: string | undefined;
  /** What the caller threw when it was told outcomes. */
  #callerFailed: { readonly error: unknown } | undefined;

  constructor(caller: ApiCaller, total: number, options: SubmitOptions) {
    this.#caller = caller;
    this.#total = total;
    this.#options = options;
  }

  async send(chunk: readonly JobSpec[], index: number, signal: AbortSignal): Promise<void> {
    const outcomes = await this.#outcomesOf(chunk, signal);
    this.#results[index] = outcomes;
    this.#done += chunk.length;
    try {
      await this.#options.onOutcomes?.(outcomes);
      this.#options.onProgress?.(this.#done, this.#total);
    } catch (error) {
      // Calls under way go on and are told; nothing new is sent for a caller that cannot take it down.
      this.#callerFailed ??= { error };
      this.#stopped ??= 'Not sent, because earlier outcomes could not be recorded.';
    }
  }

  outcomes(): readonly SubmitOutcome[] {
    if (this.#callerFailed !== undefined) {
      throw this.#callerFailed.error;
    }
    return this.#results.flat();
  }

  async #outcomesOf(chunk: readonly JobSpec[], signal: AbortSignal): Promise<SubmitOutcome[]> {
    if (this.#options.signal?.aborted === true) {
      this.#stopped ??= 'The submission was stopped before this job was sent.';
    }
    if (this.#stopped !== undefined) {
      return failed(chunk, 'notSent', this.#stopped);
    }
    try {
      const call: ApiCall = { ...jobsCall(chunk), body: { jobs: encodeJobs(chunk) }, signal };
      return accepted(chunk, await this.#caller.data(call));
    } catch (error) {
      return this.#outcomesOfFailure(chunk, error, signal);
    }
  }

  #outcomesOfFailure(chunk: readonly JobSpec[], error: unknown, signal: AbortSignal): SubmitOutcome[] {
    if (signal.aborted) {
      const why = 'The submission was stopped while this job was on its way; it may have been accepted.';
      return failed(chunk, 'unknown', why);
    }
    if (!(error instanceof PandaError)) {
      throw error;
    }
    const why = explain(error);
    if (error.needsSignIn) {
      this.#stopped = why;
      return failed(chunk, 'notSent', why);
    }
    if (error.kind === 'rejected') {
      return failed(chunk, 'refused', why);
    }
    this.#stopped = `Not sent, because an earlier part of the submission failed. ${why}`;
    if (error.mayHaveActed) {
      return failed(chunk, 'unknown', why);
    }
    return failed(chunk, error.status === undefined ? 'notSent' : 'refused', why);
  }
}

function jobsCall(jobs: readonly JobSpec[]): Omit<ApiCall, 'body'> {
  return { path: 'job/submit', tried: `submit ${count(jobs.length)}`, reads: false };
}

function accepted(chunk: readonly JobSpec[], data: unknown): SubmitOutcome[] {
  if (!isWhole(data, chunk.length)) {
    const entries = Array.isArray(data) ? `${data.length} entries` : 'no list of jobs';
    const why = `The server answered with ${entries} for ${chunk.length} jobs sent; which of them exist is open.`;
    return failed(chunk, 'unknown', why);
  }
  return chunk.map(({ jobName }, index) => {
    const entry = data[index];
    const pandaId = acceptedPandaId(entry);
    return pandaId === null
      ? { kind: 'refused', jobName, reason: "The server's database did not take the record of this job." }
      : { kind: 'accepted', jobName, pandaId, jobsetId: jobsetIdOf(entry) };
  });
}

function failed(
  chunk: readonly JobSpec[],
  kind: 'refused' | 'unknown' | 'notSent',
  reason: string,
): SubmitOutcome[] {
  return chunk.map(({ jobName }) => ({ kind, jobName, reason }));
}

/** A signal that follows another one some time later. */
function graceAfterAbort(
  signal: AbortSignal | undefined,
  tools: RetryTools,
  graceMs: number,
): { readonly signal: AbortSignal; dispose(): void } {
  const late = new AbortController();
  const ended = new AbortController();
  const onAbort = (): void => {
    void tools.delay(graceMs, ended.signal).then(
      () => late.abort(signal?.reason),
      () => undefined,
    );
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: late.signal,
    dispose() {
      signal?.removeEventListener('abort', onAbort);
      ended.abort();
    },
  };
}
