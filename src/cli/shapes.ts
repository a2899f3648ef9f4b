import { errorName } from '../panda/index.ts';
import type {
  JobError,
  JobRecord,
  SiteSpec,
  StateChange,
  StateCounts,
  SubmitOutcome,
} from '../panda/index.ts';
import { createJobStore, updateOfRecord } from '../watch/index.ts';
import type { Job, SiteView, StoredSubmission, Submission } from '../watch/index.ts';

/** The JSON shapes of docs/cli.md. Times are ISO 8601, UTC, or null. */

export interface JobShape {
  readonly pandaId: number;
  readonly name: string;
  readonly jobName: string;
  readonly submissionId: string | null;
  readonly taskId: number | null;
  readonly state: string;
  readonly cancelRequested: boolean;
  readonly site: string | null;
  readonly transformation: string | null;
  readonly creationTime: string | null;
  readonly startTime: string | null;
  readonly endTime: string | null;
  readonly modificationTime: string | null;
  /** `component:code` of the first error. */
  readonly error: string | null;
  readonly attempt: number;
}

export function jobShape(job: Job): JobShape {
  return {
    pandaId: job.pandaId,
    name: job.name,
    jobName: job.jobName,
    submissionId: job.submissionId,
    taskId: job.taskId,
    state: job.state,
    cancelRequested: job.cancelRequested,
    site: job.site,
    transformation: job.transformation,
    creationTime: isoTime(job.creationTime),
    startTime: isoTime(job.startTime),
    endTime: isoTime(job.endTime),
    modificationTime: isoTime(job.modificationTime),
    error: job.error,
    attempt: job.attempt,
  };
}

/** One job as the store would show it. */
export function jobOfRecord(record: JobRecord): Job {
  const store = createJobStore();
  store.apply([updateOfRecord(record)]);
  const job = store.get(record.PandaID);
  if (job === undefined) throw new Error(`job ${record.PandaID} is not a job the store takes`);
  return job;
}

export function errorShape(error: JobError) {
  const { component, code, diag, title, advice } = error;
  return { name: errorName(error), component, code, diag, title, advice };
}

export function changeShape(change: StateChange) {
  return { state: change.state, subState: change.subState, time: isoTime(change.time), host: change.host };
}

/** Everything of one job. */
export function detailShape(
  record: JobRecord,
  errors: readonly JobError[],
  history: readonly StateChange[] | null,
  monitorUrl: string | null,
) {
  return {
    ...jobShape(jobOfRecord(record)),
    processingType: record.processingType,
    user: record.prodUserName,
    errors: errors.map(errorShape),
    timeline: history?.map(changeShape) ?? null,
    parameters: record.jobParameters,
    resources: {
      cores: record.coreCount,
      memoryMB: record.minRamCount,
      diskMB: record.maxDiskCount,
      walltimeSeconds: record.maxWalltime,
      cpuSeconds: record.cpuConsumptionTime,
      maxRssKB: record.maxRSS,
    },
    files: record.files.map(({ lfn, type, status, fsize, checksum }) => ({
      lfn,
      type,
      status,
      size: fsize,
      checksum,
    })),
    host: record.modificationHost,
    monitorUrl,
  };
}

export function submissionShape(submission: Submission | StoredSubmission, warnings: readonly string[] = []) {
  const { id, name, profile, submittedAt, outcomes } = submission;
  return { id, name, profile, submittedAt: isoTime(submittedAt), jobs: outcomes.map(outcomeShape), warnings };
}

function outcomeShape(outcome: SubmitOutcome) {
  return {
    jobName: outcome.jobName,
    outcome: outcome.kind,
    pandaId: outcome.kind === 'accepted' ? outcome.pandaId : null,
    reason: outcome.kind === 'accepted' ? null : outcome.reason,
  };
}

export function siteShape({ spec, everybody, mine }: SiteView): Omit<SiteSpec, 'raw'> & {
  everybody: StateCounts;
  mine: StateCounts;
} {
  const { name, status, cloud, coreCount, maxMemoryMB, maxWorkDirMB, maxTimeSeconds, comment } = spec;
  const limits = { coreCount, maxMemoryMB, maxWorkDirMB, maxTimeSeconds };
  return { name, status, cloud, ...limits, comment, everybody, mine };
}

export function isoTime(time: number | null): string | null {
  return time === null || Number.isNaN(new Date(time).getTime()) ? null : new Date(time).toISOString();
}
