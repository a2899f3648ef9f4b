import { errorName, isFinal, isKnownState, jobErrors } from '../../panda/index.ts';
import type { JobError, JobRecord, JobState, KnownJobState } from '../../panda/index.ts';
import type { JobStatus, Status } from '../rmi/index.ts';

/** That PanDA answers, and does not know a job. */
export interface Missing {
  /** When that was first seen; this and the next: epoch milliseconds. */
  readonly since: number;
  /** When it was last noted. */
  readonly last: number;
  /** How often it was noted after that. */
  readonly times: number;
}

/** What PanDA said of a job, as far as the pipeline wants to know. */
export interface JobFacts {
  readonly state: JobState;
  readonly cancelRequested: boolean;
  readonly host: string | null;
  readonly site: string | null;
  /** This and the other times: epoch milliseconds. */
  readonly created: number | null;
  readonly started: number | null;
  readonly ended: number | null;
  /** Seconds of processor time. */
  readonly cpuSeconds: number;
  /** kB, as PanDA's pilot reports it. */
  readonly memoryKB: number;
  readonly swapKB: number;
  /** Of the payload; null where there was none. */
  readonly exitCode: number | null;
  /** What went wrong, in a sentence; null where nothing did. */
  readonly error: string | null;
  /** PanDA does not know it any more; the rest is what it last said. */
  readonly missing?: Missing;
}

/** What the pipeline calls PanDA's states: the one table of them. */
export const STATUS_OF: Readonly<Record<KnownJobState, Status>> = {
  pending: 'PENDING',
  defined: 'PENDING',
  waiting: 'PENDING',
  assigned: 'PENDING',
  throttled: 'PENDING',
  activated: 'WAITING',
  sent: 'WAITING',
  starting: 'RUNNING',
  running: 'RUNNING',
  holding: 'RUNNING',
  transferring: 'RUNNING',
  merging: 'RUNNING',
  finished: 'DONE',
  failed: 'FAILED',
  cancelled: 'FAILED',
  closed: 'FAILED',
};

export function statusOfState(state: JobState): Status {
  return isKnownState(state) ? STATUS_OF[state] : 'UNKNOWN';
}

/** `now`: for a job that ended without saying when. */
export function factsOf(record: JobRecord, now: number): JobFacts {
  const state = record.jobStatus;
  const [error] = state === 'cancelled' ? [] : jobErrors(record);
  const ended = isFinal(state) ? (record.endTime ?? record.modificationTime ?? now) : null;
  return {
    state,
    cancelRequested: record.commandToPilot === 'tobekilled' && !isFinal(state),
    host: record.startTime === null ? null : workerNode(record.modificationHost),
    site: record.computingSite,
    created: record.creationTime,
    started: record.startTime,
    ended,
    cpuSeconds: record.cpuConsumptionTime ?? 0,
    memoryKB: record.maxRSS ?? 0,
    swapKB: record.maxSWAP ?? 0,
    exitCode: exitCodeOf(record),
    error: error === undefined ? null : sentenceOf(error),
  };
}

/** Some pilots name the slot before the host. */
function workerNode(host: string | null): string | null {
  return host === null || host === '' ? null : host.slice(host.lastIndexOf('@') + 1);
}

function exitCodeOf({ transExitCode, jobStatus }: JobRecord): number | null {
  const text = transExitCode?.trim() ?? '';
  if (/^-?\d{1,10}$/.test(text)) return Number(text);
  return jobStatus === 'finished' ? 0 : null;
}

function sentenceOf(error: JobError): string {
  const diag = error.diag === null || error.diag === error.title ? '' : `: ${error.diag}`;
  return `${errorName(error)} ${error.title}${diag}`;
}

/** What the pipeline is told of a job whatever PanDA says of it. */
export interface SubmittedJob {
  readonly pandaId: number;
  readonly owner: string;
  /** Epoch milliseconds. */
  readonly submitted: number | null;
}

/** The answer to the pipeline. Before PanDA has said anything of it, a job is one that PanDA took. */
export function statusOfJob({ pandaId, owner, submitted }: SubmittedJob, facts: JobFacts | null): JobStatus {
  const job = { id: String(pandaId), user: owner };
  if (facts === null) return { ...NOTHING_KNOWN, ...job, submitted };
  const created = facts.created ?? submitted;
  const started = notBefore(created, facts.started);
  return {
    ...job,
    status: statusOfState(currentState(facts)),
    cpuUsed: facts.cpuSeconds,
    memoryUsed: facts.memoryKB,
    swapUsed: facts.swapKB,
    host: facts.host ?? facts.site,
    queue: facts.site,
    comment: commentOf(facts),
    submitted: created,
    started,
    ended: notBefore(started ?? created, facts.ended),
  };
}

/** Pilots tell times in whole seconds, the server in parts of them: a short job would end before it was submitted. */
function notBefore(earliest: number | null, time: number | null): number | null {
  return time === null ? null : Math.max(time, earliest ?? time);
}

const NOTHING_KNOWN = {
  status: 'PENDING',
  cpuUsed: 0,
  memoryUsed: 0,
  swapUsed: 0,
  host: null,
  queue: null,
  comment: 'submitted',
  started: null,
  ended: null,
} as const;

/** Whether a job is missing for so long that its last state says nothing any more. */
export function isMissing({ missing, ended }: JobFacts): boolean {
  return ended === null && missing !== undefined && missing.times > 0;
}

/** Its state as far as anybody knows it: empty where PanDA does not know the job any more, which is no state. */
export function currentState(facts: JobFacts): JobState {
  return isMissing(facts) ? '' : facts.state;
}

/** What the pipeline is told besides the state. */
export function commentOf(facts: JobFacts): string {
  const { state, cancelRequested, error, missing } = facts;
  if (missing !== undefined && isMissing(facts)) {
    return `${state}, but PanDA does not know the job since ${new Date(missing.since).toISOString()}`;
  }
  const words = cancelRequested ? `${state}, cancel requested` : state;
  return error === null ? words : `${words}: ${error}`;
}
