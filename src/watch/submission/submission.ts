import type { CacheFile, JobRequest, PandaClient, Profile } from '../../panda/index.ts';
import { settingsBelow, userSegment } from '../../staging/index.ts';
import type { Submission, SubmissionPlan } from '../api.ts';
import type { NewSubmissionJob, SubmissionJournal } from './journal.ts';
import { PATIENT_LOOKS } from './lookup.ts';
import { summarise } from './lines.ts';
import type { StagedFiles } from './lines.ts';
import type { WantedInputs } from './inputs.ts';
import { checkRequests, newIdentity, preparedJobs } from './prepare.ts';
import type { SubmissionIdentity } from './prepare.ts';
import { removeExpiredSecrets } from './secrets.ts';
import { sendJobs } from './send.ts';
import type { SubmitDeps, SubmitProgress } from './send.ts';
import { signSubmission } from './signing.ts';
import type { SigningJob } from './signing.ts';
import { checkSites, distinctDemands } from './sites.ts';
import { stageInputs } from './staging.ts';
import type { StagedInputs } from './staging.ts';
import type { SubmissionWriter } from './writer.ts';

export interface SubmitJobsDeps extends SubmitDeps {
  readonly journal: SubmissionJournal;
}

/** A submission that is noted down, and of which nothing has left yet. */
export interface BegunSubmission extends Omit<SubmissionIdentity, 'staging'> {
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
 * Submits a plan so that no job is lost and none is sent twice: everything is checked, its files are put into the cache
 * and staged, and all is noted in the journal before the first job leaves. Jobs are made anew for each of these steps, so
 * that a plan that makes its requests when they are asked for takes no memory for them. Rejects only when nothing was
 * sent (SubmissionError, StagingError, PandaError or the signal's reason), and is then in no journal; from then on every
 * job has an outcome, whatever happens.
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
  const { cacheFiles, demands, inputs } = await checkRequests(plan, deps, {
    signal,
    onProgress: (done, total) => onProgress?.({ phase: 'checking', done, total }),
  });
  if (options.force !== true) checkSites(demands, await deps.client.metaconfig.getSiteSpecs(call));
  if (deps.profile.staging?.kind === 's3') await removeExpiredSecrets(deps.clock.now(), deps, call);
  await uploadFiles(cacheFiles, deps.client, options);
  const staged = await stage(plan, inputs, deps, options);
  signal?.throwIfAborted();

  const { identity, writer } = await begin(plan, staged, deps);
  const warnings: string[] = [];
  try {
    const wallSeconds = demands.reduce((most, { walltimeSeconds }) => Math.max(most, walltimeSeconds), 0);
    warnings.push(...(await sign(plan, identity, staged, wallSeconds, writer, deps, options)));
    signal?.throwIfAborted();
  } catch (error) {
    await writer.discard();
    throw error;
  }
  const total = plan.requests.length;
  const { name } = plan;
  const { name: profile, server } = deps.profile;
  const { id, submittedAt } = identity;
  await options.onBegin?.({ id, submittedAt, name, profile, server, jobs: total });
  const jobs = { length: total, [Symbol.iterator]: () => preparedJobs(plan.requests, identity, deps) };
  const sent = await sendJobs(jobs, writer, deps, {
    signal,
    onProgress,
    pauses: options.lookupPauses ?? PATIENT_LOOKS,
  });
  const { outcomes } = sent;
  await writer.release(outcomes.every((outcome) => outcome.kind !== 'unknown') && sent.warnings.length === 0);
  return { id, submittedAt, name, profile, outcomes, warnings: [...warnings, ...sent.warnings] };
}

/** Undefined where the profile stages nothing. */
async function stage(
  plan: SubmissionPlan,
  inputs: WantedInputs,
  deps: SubmitJobsDeps,
  { signal, onProgress }: SubmitJobsOptions,
): Promise<StagedInputs | undefined> {
  const { staging, user } = deps.profile;
  if (staging === undefined) return undefined;
  const store = deps.stores.open(settingsBelow(staging, plan.stagingFolder ?? ''));
  return stageInputs(inputs, store, userSegment(user), deps, {
    signal,
    onProgress: (progress) => onProgress?.({ phase: 'staging', ...progress }),
  });
}

/** Signs the manifests of the jobs, and says for how long they are good. */
async function sign(
  { requests }: SubmissionPlan,
  { staging }: SubmissionIdentity,
  staged: StagedInputs | undefined,
  wallSeconds: number,
  writer: SubmissionWriter,
  deps: SubmitJobsDeps,
  { signal, onProgress }: SubmitJobsOptions,
): Promise<readonly string[]> {
  if (staging === undefined || staged === undefined) return [];
  const { length } = requests;
  const jobs = { length, [Symbol.iterator]: () => signingJobs(requests, staged) };
  const work = { ...staging, inputs: staged.all, jobs, wallSeconds };
  const { expiresAt, warnings } = await signSubmission(work, deps, {
    signal,
    onProgress: (done, total) => onProgress?.({ phase: 'signing', done, total }),
  });
  await writer.signed(deps.clock.now(), expiresAt);
  return warnings;
}

function* signingJobs(requests: Iterable<JobRequest>, staged: StagedInputs): Generator<SigningJob> {
  let number = 0;
  for (const request of requests) {
    number += 1;
    yield { number, staged: stagedFiles(request, staged), wallSeconds: request.resources.walltimeSeconds };
  }
}

function stagedFiles(request: JobRequest, staged: StagedInputs): StagedFiles {
  return { inputs: staged.placesOf(request), outputs: request.outputs };
}

/** Notes the submission down under an id of its own. */
async function begin(
  plan: SubmissionPlan,
  staged: StagedInputs | undefined,
  deps: SubmitJobsDeps,
): Promise<{ readonly identity: SubmissionIdentity; readonly writer: SubmissionWriter }> {
  const { name: profile, server, signedInAs } = deps.profile;
  const who = signedInAs === undefined ? {} : { user: signedInAs };
  const { length } = plan.requests;
  for (;;) {
    const identity = newIdentity(plan, deps);
    const jobs = { length, [Symbol.iterator]: () => journalJobs(plan, identity, staged, deps) };
    const { id, submittedAt } = identity;
    const place = identity.staging === undefined ? {} : { staging: identity.staging };
    const submission = {
      id,
      submittedAt,
      name: plan.name,
      profile,
      server,
      ...who,
      ...place,
      inputs: staged?.all ?? [],
    };
    const writer = await deps.journal.begin({ ...submission, jobs });
    // Otherwise another program made the same id within the same millisecond.
    if (writer !== undefined) return { identity, writer };
  }
}

function* journalJobs(
  plan: SubmissionPlan,
  identity: SubmissionIdentity,
  staged: StagedInputs | undefined,
  deps: SubmitJobsDeps,
): Generator<NewSubmissionJob> {
  for (const { number, request, spec } of preparedJobs(plan.requests, identity, deps)) {
    const files = staged === undefined ? {} : { staged: stagedFiles(request, staged) };
    yield { number, request: summarise(request, request.site), spec, ...files };
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
