import type { CacheFile, PandaClient, Profile } from '../panda/index.ts';
import type { Submission, SubmissionPlan } from './api.ts';
import type { NewSubmissionJob, SubmissionJournal } from './submissionJournal.ts';
import { PATIENT_LOOKS } from './submissionLookup.ts';
import { summarise } from './submissionLines.ts';
import { checkRequests, newIdentity, preparedJobs } from './submissionPrepare.ts';
import type { SubmissionIdentity } from './submissionPrepare.ts';
import { sendJobs } from './submissionSend.ts';
import type { SubmitDeps, SubmitProgress } from './submissionSend.ts';
import { checkSites, distinctDemands } from './submissionSites.ts';
import type { SubmissionWriter } from './submissionWriter.ts';

export interface SubmitJobsDeps extends SubmitDeps {
  readonly journal: SubmissionJournal;
}

/** A submission that is noted down, and of which nothing has left yet. */
export interface BegunSubmission extends SubmissionIdentity {
  readonly name: string;
  readonly profile: string;
  /** Origin of the server. */
  readonly server: string;
  readonly jobs: number;
}

export interface SubmitJobsOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SubmitProgress) => void;
  /** Told before the first job leaves, and waited for. It must not reject: the submission stands by then. */
  readonly onBegin?: (submission: BegunSubmission) => Promise<void>;
  /** Goes past a site that is not there, not online or too small. */
  readonly force?: boolean;
  /** Pauses (ms) between looks for jobs whose answer was lost; several patient ones by default. */
  readonly lookupPauses?: readonly number[];
}

export interface SubmitResult extends Submission {
  /** What the user should know besides the outcomes, as sentences. */
  readonly warnings: readonly string[];
}

/** Rejects with a SubmissionError unless the sites of a plan are there, online and large enough. */
export async function checkPlan(
  plan: SubmissionPlan,
  deps: { readonly client: PandaClient; readonly profile: Profile },
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const demands = distinctDemands();
  for (const request of plan.requests) {
    demands.add({ ...request, site: request.site ?? deps.profile.defaultSite });
  }
  checkSites(demands.all(), await deps.client.metaconfig.getSiteSpecs(options));
}

/**
 * Submits a plan so that no job is lost and none is sent twice: everything is checked, the files are put into the cache,
 * and all is noted in the journal before the first job leaves. Jobs are made anew for each of these steps, so that a
 * plan that makes its requests when they are asked for takes no memory for them. Rejects only when nothing was sent
 * (SubmissionError, PandaError or the signal's reason); from then on every job has an outcome, whatever happens.
 */
export async function submitJobs(
  plan: SubmissionPlan,
  deps: SubmitJobsDeps,
  options: SubmitJobsOptions = {},
): Promise<SubmitResult> {
  const { signal, onProgress } = options;
  const call = signal === undefined ? {} : { signal };
  signal?.throwIfAborted();
  onProgress?.({ phase: 'checking' });
  const { cacheFiles, demands } = await checkRequests(plan, deps, {
    signal,
    onProgress: (done, total) => onProgress?.({ phase: 'checking', done, total }),
  });
  if (options.force !== true) checkSites(demands, await deps.client.metaconfig.getSiteSpecs(call));
  await uploadFiles(cacheFiles, deps.client, options);
  signal?.throwIfAborted();

  const { identity, writer } = await begin(plan, deps);
  const total = plan.requests.length;
  const { name: profile, server } = deps.profile;
  await options.onBegin?.({ ...identity, name: plan.name, profile, server, jobs: total });
  const jobs = { length: total, [Symbol.iterator]: () => preparedJobs(plan.requests, identity, deps) };
  const { outcomes, warnings } = await sendJobs(jobs, writer, deps, {
    signal,
    onProgress,
    pauses: options.lookupPauses ?? PATIENT_LOOKS,
  });
  await writer.release(outcomes.every((outcome) => outcome.kind !== 'unknown') && warnings.length === 0);
  return { ...identity, name: plan.name, profile, outcomes, warnings };
}

/** Notes the submission down under an id of its own. */
async function begin(
  plan: SubmissionPlan,
  deps: SubmitJobsDeps,
): Promise<{ readonly identity: SubmissionIdentity; readonly writer: SubmissionWriter }> {
  const { name: profile, server } = deps.profile;
  const { length } = plan.requests;
  for (;;) {
    const identity = newIdentity(deps);
    const jobs = { length, [Symbol.iterator]: () => journalJobs(plan, identity, deps) };
    const writer = await deps.journal.begin({ ...identity, name: plan.name, profile, server, jobs });
    // Otherwise another program made the same id within the same millisecond.
    if (writer !== undefined) return { identity, writer };
  }
}

function* journalJobs(
  plan: SubmissionPlan,
  identity: SubmissionIdentity,
  deps: SubmitJobsDeps,
): Generator<NewSubmissionJob> {
  for (const { number, request, spec } of preparedJobs(plan.requests, identity, deps)) {
    yield { number, request: summarise(request, request.site), spec };
  }
}

async function uploadFiles(
  files: readonly CacheFile[],
  client: PandaClient,
  { signal, onProgress }: SubmitJobsOptions,
): Promise<void> {
  for (const [done, file] of files.entries()) {
    onProgress?.({ phase: 'uploading', done, total: files.length });
    await client.files.ensureCacheFile(file.name, file.content, signal === undefined ? {} : { signal });
  }
  onProgress?.({ phase: 'uploading', done: files.length, total: files.length });
}
