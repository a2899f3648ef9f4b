import { setImmediate } from 'node:timers/promises';
import { buildJobSpec, makeJobName, makeSubmissionId, validateJobSpec } from '../../panda/index.ts';
import type { CacheFile, JobRequest, JobSpec, PandaClient, Problem, Profile } from '../../panda/index.ts';
import { areaDate, manifestReference, settingsBelow, userSegment } from '../../staging/index.ts';
import type { Clock, RequestSequence, SubmissionPlan } from '../api.ts';
import { SubmissionError } from './error.ts';
import { DistinctInputs } from './inputs.ts';
import type { WantedInputs } from './inputs.ts';
import type { StagingPlace } from './lines.ts';
import { distinctDemands } from './sites.ts';
import type { SiteDemand } from './sites.ts';
import { plural } from '../wording.ts';

/** Exactly what would be sent: for previews and dry runs. */
export interface PreparedSubmission {
  readonly id: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly submittedAt: number;
  readonly jobs: readonly PreparedJob[];
  /** Files that have to be in the PanDA cache, each name once. */
  readonly cacheFiles: readonly CacheFile[];
  /** Where its files would be staged; undefined where the profile names no place. */
  readonly staging: StagingPlace | undefined;
  readonly inputs: WantedInputs;
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

/** What the jobs of one submission share. */
export interface SubmissionIdentity {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly submittedAt: number;
  /** Where their files are staged; undefined where the profile names no place. */
  readonly staging: StagingPlace | undefined;
}

export function newIdentity(
  { stagingFolder = '' }: Pick<SubmissionPlan, 'stagingFolder'>,
  { profile, clock, random }: Pick<PrepareDeps, 'profile' | 'clock' | 'random'>,
): SubmissionIdentity {
  const submittedAt = clock.now();
  const id = makeSubmissionId(submittedAt, random);
  if (profile.staging === undefined) return { id, submittedAt, staging: undefined };
  const area = { user: userSegment(profile.user), date: areaDate(submittedAt), submissionId: id };
  return { id, submittedAt, staging: { settings: settingsBelow(profile.staging, stagingFolder), area } };
}

/**
 * Builds the records of a plan under fresh names, all at once: for plans of a size that somebody looks at. Throws a
 * SubmissionError that names every problem.
 */
export function prepareSubmission(plan: SubmissionPlan, deps: PrepareDeps): PreparedSubmission {
  const identity = newIdentity(plan, deps);
  const check = new PlanCheck(plan.requests.length, deps.profile);
  const jobs = [...preparedJobs(plan.requests, identity, deps)];
  for (const job of jobs) check.add(job);
  const { cacheFiles, inputs } = check.result();
  return { ...identity, name: plan.name, jobs, cacheFiles, inputs };
}

/** The records of a plan one after the other, made when they are asked for and not kept. */
export function* preparedJobs(
  requests: RequestSequence,
  { id, submittedAt, staging }: SubmissionIdentity,
  { client, profile }: Pick<PrepareDeps, 'client' | 'profile'>,
): Generator<PreparedJob> {
  // As PanDA's own client numbers its submissions; the server replaces it for user jobs.
  const jobDefinitionId = Math.floor(submittedAt / 1000) % 10_000;
  const cacheUrl = (name: string): string => client.files.cacheUrl(name);
  let number = 0;
  for (const given of requests) {
    number += 1;
    const request = { ...given, site: given.site ?? profile.defaultSite };
    const jobName = makeJobName(request.name, id, number);
    const manifest =
      staging === undefined ? {} : { manifest: manifestReference(staging.settings, staging.area, number) };
    const spec = buildJobSpec(request, { profile, jobName, jobDefinitionId, cacheUrl, ...manifest });
    yield { number, jobName, request, spec };
  }
}

/** What has to be known of a plan before its jobs are sent. */
export interface CheckedPlan {
  readonly cacheFiles: readonly CacheFile[];
  /** What is asked of sites, each thing once. */
  readonly demands: readonly SiteDemand[];
  /** What is to be staged, each file once. */
  readonly inputs: WantedInputs;
}

export interface CheckOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Jobs looked at before others have their turn. */
const SLICE = 100;

/** Goes through all jobs of a plan once, in slices, keeping none. Rejects with a SubmissionError that names every problem. */
export async function checkRequests(
  plan: SubmissionPlan,
  deps: PrepareDeps,
  { signal, onProgress }: CheckOptions,
): Promise<CheckedPlan> {
  const check = new PlanCheck(plan.requests.length, deps.profile);
  for (const job of preparedJobs(plan.requests, newIdentity(plan, deps), deps)) {
    check.add(job);
    if (job.number % SLICE !== 0) continue;
    await setImmediate();
    signal?.throwIfAborted();
    onProgress?.(job.number, plan.requests.length);
  }
  return check.result();
}

/** More problems than this need not be found at a time. */
const MOST_PROBLEMS = 1000;

class PlanCheck {
  readonly #problems: Problem[] = [];
  readonly #files = new Map<string, CacheFile>();
  readonly #demands = distinctDemands();
  readonly #inputs: DistinctInputs;
  readonly #total: number;

  constructor(total: number, profile: Profile) {
    if (total === 0) throw new SubmissionError('There is no job to submit.', 'Choose something to run');
    this.#inputs = new DistinctInputs(profile);
    this.#total = total;
  }

  add({ number, request, spec }: PreparedJob): void {
    for (const { where, message } of [...validateJobSpec(spec), ...this.#inputs.add(request)]) {
      this.#note({ where: this.#total === 1 ? where : `jobs[${number - 1}].${where}`, message });
    }
    const { payload, tarball } = request.transformation;
    for (const file of [payload, tarball]) this.#addFile(file, number - 1);
    this.#demands.add(request);
  }

  result(): CheckedPlan {
    if (this.#problems.length > 0) throw invalid(this.#problems);
    return {
      cacheFiles: [...this.#files.values()],
      demands: this.#demands.all(),
      inputs: this.#inputs.all(),
    };
  }

  /** Each name once; two contents under one name would run the wrong one. */
  #addFile(file: CacheFile | undefined, index: number): void {
    if (file === undefined) return;
    const other = this.#files.get(file.name);
    if (other === undefined) this.#files.set(file.name, file);
    else if (other.content !== file.content && Buffer.compare(other.content, file.content) !== 0) {
      this.#note({ where: `jobs[${index}]`, message: `two files are both called ${file.name}` });
    }
  }

  #note(problem: Problem): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
  }
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
