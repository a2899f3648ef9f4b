import { buildJobSpec, makeJobName, makeSubmissionId, validateJobSpec } from '../panda/index.ts';
import type { CacheFile, JobRequest, JobSpec, PandaClient, Problem, Profile } from '../panda/index.ts';
import type { Clock, Submission, SubmissionPlan } from './api.ts';
import { SubmissionError } from './submissionError.ts';
import type { SubmissionJournal } from './submissionJournal.ts';
import { PATIENT_LOOKS } from './submissionLookup.ts';
import { summarise } from './submissionLines.ts';
import { sendJobs } from './submissionSend.ts';
import type { SubmitDeps, SubmitProgress } from './submissionSend.ts';
import { checkSites } from './submissionSites.ts';
import { plural } from './wording.ts';

export interface SubmitJobsDeps extends SubmitDeps {
  readonly journal: SubmissionJournal;
}

export interface SubmitJobsOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SubmitProgress) => void;
  /** Goes past a site that is not there, not online or too small. */
  readonly force?: boolean;
  /** Pauses (ms) between looks for jobs whose answer was lost; several patient ones by default. */
  readonly lookupPauses?: readonly number[];
}

export interface SubmitResult extends Submission {
  /** What the user should know besides the outcomes, as sentences. */
  readonly warnings: readonly string[];
}

/** Exactly what would be sent: for previews and dry runs. */
export interface PreparedSubmission {
  readonly id: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly submittedAt: number;
  readonly jobs: readonly PreparedJob[];
  /** Files that have to be in the PanDA cache, each name once. */
  readonly cacheFiles: readonly CacheFile[];
}

export interface PreparedJob {
  readonly number: number;
  readonly jobName: string;
  readonly request: JobRequest;
  readonly spec: JobSpec;
}

/** What preparing needs of a client: only where its cache is. */
export interface PrepareDeps {
  readonly client: { readonly files: Pick<PandaClient['files'], 'cacheUrl'> };
  readonly profile: Profile;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: () => number;
}

/** Builds the records of a plan under fresh names. Throws a SubmissionError that names every problem. */
export function prepareSubmission(plan: SubmissionPlan, deps: PrepareDeps): PreparedSubmission {
  if (plan.requests.length === 0) {
    throw new SubmissionError('There is no job to submit.', 'Choose something to run');
  }
  const submittedAt = deps.clock.now();
  const id = makeSubmissionId(submittedAt, deps.random);
  // As PanDA's own client numbers its submissions; the server replaces it for user jobs.
  const jobDefinitionId = Math.floor(submittedAt / 1000) % 10_000;
  const cacheUrl = (name: string): string => deps.client.files.cacheUrl(name);
  const problems: Problem[] = [];
  const jobs = plan.requests.map((given, index) => {
    const site = given.site ?? deps.profile.defaultSite;
    const request = { ...given, site };
    const jobName = makeJobName(request.name, id, index + 1);
    const spec = buildJobSpec(request, { profile: deps.profile, jobName, jobDefinitionId, cacheUrl });
    for (const { where, message } of validateJobSpec(spec)) {
      problems.push({ where: plan.requests.length === 1 ? where : `jobs[${index}].${where}`, message });
    }
    return { number: index + 1, jobName, request, spec };
  });
  const cacheFiles = collectCacheFiles(plan.requests, problems);
  if (problems.length > 0) throw invalid(problems);
  return { id, name: plan.name, submittedAt, jobs, cacheFiles };
}

/** Rejects with a SubmissionError unless the sites of a plan are there, online and large enough. */
export async function checkPlan(
  plan: SubmissionPlan,
  deps: { readonly client: PandaClient; readonly profile: Profile },
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const sites = await deps.client.metaconfig.getSiteSpecs(options);
  const demands = plan.requests.map(({ site, resources }) => ({
    ...resources,
    site: site ?? deps.profile.defaultSite,
  }));
  checkSites(demands, sites);
}

/**
 * Submits a plan so that no job is lost and none is sent twice: everything is checked, the files are put into the cache,
 * and all is noted in the journal before the first job leaves. Rejects only when nothing was sent (SubmissionError,
 * PandaError or the signal's reason); from then on every job has an outcome, whatever happens.
 */
export async function submitJobs(
  plan: SubmissionPlan,
  deps: SubmitJobsDeps,
  options: SubmitJobsOptions = {},
): Promise<SubmitResult> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  onProgress?.({ phase: 'checking' });
  let prepared = prepareSubmission(plan, deps);
  if (options.force !== true) await checkPlan(plan, deps, signal === undefined ? {} : { signal });
  await uploadFiles(prepared.cacheFiles, deps.client, options);
  signal?.throwIfAborted();

  let writer = await deps.journal.begin(journalEntry(prepared, deps.profile));
  while (writer === undefined) {
    // Another program made the same id within the same millisecond.
    prepared = prepareSubmission(plan, deps);
    writer = await deps.journal.begin(journalEntry(prepared, deps.profile));
  }
  const { id, name, submittedAt } = prepared;
  const { outcomes, warnings } = await sendJobs(prepared.jobs, writer, deps, {
    signal,
    onProgress,
    pauses: options.lookupPauses ?? PATIENT_LOOKS,
  });
  await writer.release(outcomes.every((outcome) => outcome.kind !== 'unknown') && warnings.length === 0);
  return { id, name, profile: deps.profile.name, submittedAt, outcomes, warnings };
}

function journalEntry(prepared: PreparedSubmission, profile: Profile) {
  const { id, name, submittedAt } = prepared;
  const jobs = prepared.jobs.map(({ number, request, spec }) => ({
    number,
    request: summarise(request, request.site),
    spec,
  }));
  return { id, name, submittedAt, profile: profile.name, server: profile.server, jobs };
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

/** Each name once; two contents under one name would run the wrong one. */
function collectCacheFiles(requests: readonly JobRequest[], problems: Problem[]): CacheFile[] {
  const files = new Map<string, CacheFile>();
  for (const [index, { transformation }] of requests.entries()) {
    for (const file of [transformation.payload, transformation.tarball]) {
      if (file === undefined) continue;
      const other = files.get(file.name);
      if (other === undefined) files.set(file.name, file);
      else if (other.content !== file.content && Buffer.compare(other.content, file.content) !== 0) {
        problems.push({ where: `jobs[${index}]`, message: `two files are both called ${file.name}` });
      }
    }
  }
  return [...files.values()];
}

const SHOWN = 5;

function invalid(problems: readonly Problem[]): SubmissionError {
  const shown = problems.slice(0, SHOWN).map(({ where, message }) => `${where} ${message}`);
  const rest = problems.length > SHOWN ? [`${problems.length - SHOWN} more`] : [];
  return new SubmissionError(
    `PanDA would not take this, ${plural(problems.length, 'problem')}: ${[...shown, ...rest].join('; ')}.`,
    'Mend what is named and submit again',
    { problems },
  );
}
