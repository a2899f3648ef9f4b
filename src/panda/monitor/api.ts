import type { BulkOptions, CallOptions } from '../api.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobState } from '../states.ts';

/** Options of calls to the monitor. */
export interface MonitorCallOptions extends CallOptions {
  /** Nobody waits for the answer: it comes after others, at most ten a minute, and not while the monitor is in trouble. */
  readonly background?: boolean;
  /** Passes over what is kept, here and by the monitor, which counts it: for what a user asks for anew. */
  readonly fresh?: boolean;
}

/** One row of the monitor's job list: the columns we ask for. Times are epoch milliseconds, UTC. */
export interface MonitorJob {
  readonly pandaId: number;
  readonly jobName: string;
  readonly state: JobState;
  readonly site: string | null;
  readonly creationTime: number | null;
  readonly modificationTime: number | null;
}

/** Selects jobs among all that the monitor knows, old ones too; what is not named does not select. */
export interface MonitorJobQuery {
  readonly user?: string;
  readonly taskId?: number;
  /** Every attempt of a task is listed, also those that were retried. */
  readonly states?: readonly JobState[];
  /** Last change, epoch milliseconds: the window is whole days (UTC), at most 400 of them. */
  readonly from: number;
  readonly to: number;
  /** At most 10,000. */
  readonly limit: number;
}

/** What the monitor knows of one job, old ones too. */
export interface MonitorJobPage {
  /** As the server would describe it, as far as the monitor keeps it. */
  readonly record: JobRecord;
  /** The worker that ran it; null where none is named. */
  readonly worker: MonitorWorker | null;
}

export interface MonitorWorker {
  readonly id: number | null;
  readonly harvester: string | null;
  readonly computingElement: string | null;
  /** Address of the batch system's log; null where there is none. */
  readonly batchLog: string | null;
  readonly diagnostics: string | null;
}

/** What an error code means, in the words of those who run PanDA. */
export interface ErrorDescription {
  /** `pilot`, `exe`, `taskbuffer`, …, in lower case. */
  readonly component: string;
  readonly code: number;
  readonly acronym: string;
  readonly description: string;
  readonly category: string | null;
}

/** One task. Times are epoch milliseconds, UTC. */
export interface MonitorTask {
  readonly taskId: number;
  readonly name: string;
  readonly state: string;
  readonly user: string | null;
  readonly requestId: number | null;
  readonly creationTime: number | null;
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly modificationTime: number | null;
  /** Why it stands as it does, without markup; null where nothing is said. */
  readonly message: string | null;
  /** Inputs, real or pseudo; null where the monitor does not count them. */
  readonly inputs: { readonly total: number; readonly finished: number; readonly failed: number } | null;
}

/** One workflow (iDDS request), as BPS submits them. */
export interface MonitorWorkflow {
  readonly requestId: number;
  readonly name: string;
  readonly state: string;
  readonly user: string | null;
  readonly creationTime: number | null;
  readonly tasks: number;
  /** Tasks by state. */
  readonly taskStates: Readonly<Record<string, number>>;
  readonly files: number;
  /** In [0, 1]. */
  readonly finishedShare: number | null;
  readonly failedShare: number | null;
}

export interface MonitorWorkflows {
  /** When the monitor told them, epoch milliseconds: up to ten minutes ago. */
  readonly asOf: number;
  readonly workflows: readonly MonitorWorkflow[];
}

/** The monitor, read only. Lists are kept for ten minutes, what is told of ended jobs for ever. */
export interface MonitorApi {
  /** Jobs of a user, newest first, of the last `days`. */
  jobsOfUser(
    user: string,
    options?: MonitorCallOptions & { readonly days?: number; readonly limit?: number },
  ): Promise<readonly MonitorJob[]>;
  /** The jobs whose names are given: how a submission whose answer was lost finds out what happened. */
  jobsByName(names: readonly string[], options?: BulkOptions): Promise<readonly MonitorJob[]>;
  /** Jobs of a window of time, old ones too, newest first. */
  findJobs(query: MonitorJobQuery, options?: MonitorCallOptions): Promise<readonly MonitorJob[]>;
  /** All about one job, also one that the server has forgotten. Rejects `notFound`. */
  job(pandaId: number, options?: MonitorCallOptions): Promise<MonitorJobPage>;
  /** States a job went through, with the time it entered each. */
  stateHistory(pandaId: number, options?: MonitorCallOptions): Promise<readonly StateChange[]>;
  /** What error codes mean here; kept for a day. */
  errorDescriptions(options?: MonitorCallOptions): Promise<readonly ErrorDescription[]>;
  /** Rejects `notFound`. */
  task(taskId: number, options?: MonitorCallOptions): Promise<MonitorTask>;
  /** Workflows of the last days, newest first. A new one may take twenty minutes to appear. */
  workflows(options?: MonitorCallOptions): Promise<MonitorWorkflows>;
  /**
   * What the monitor's file browser knows of a job's files: its log, unpacked, and on a sandbox its outputs. Names are as
   * they came and may be anything. The first call may take a minute. Rejects `rejected` where the monitor says that it
   * cannot, as it does for storage in the cloud.
   */
  filesOfJob(pandaId: number, options?: MonitorCallOptions): Promise<readonly MonitorFile[]>;
  /**
   * What a job in debug mode printed last, at most some 2,000 characters, from whatever text file it wrote last; empty where
   * there is none. Pilots send it each minute, and it is asked for no more often.
   */
  debugTail(pandaId: number, options?: MonitorCallOptions): Promise<string>;
  /** Where a person looks at the job. */
  jobUrl(pandaId: number): string;
  taskUrl(taskId: number): string;
  workflowUrl(requestId: number): string;
}

/** One file of a job, as the monitor lists it. */
export interface MonitorFile {
  readonly name: string;
  /** The folder within the log, `/` between its parts; empty for the top. */
  readonly folder: string;
  /** Bytes; null where it does not say. */
  readonly size: number | null;
  /** Epoch milliseconds, UTC. */
  readonly modified: number | null;
  readonly url: string;
}

export interface StateChange {
  readonly state: JobState;
  readonly subState: string | null;
  /** Epoch milliseconds, UTC. */
  readonly time: number;
  readonly host: string | null;
}
