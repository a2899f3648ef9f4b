import type { CallOptions, StateCounts } from '../api.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { TaskParameters } from './taskParameters.ts';
import type { TaskState } from './taskStates.ts';

/**
 * What became of a submitted task:
 * - `accepted`: a new task; the task engine takes it up within minutes, and until then the server does not know its id;
 * - `duplicate`: a task of this name is waiting or at work, and nothing was made; only with `uniqueTaskName`;
 * - `incremental`: a task of this name had ended and is run again on what is new; only with `uniqueTaskName`.
 */
export interface TaskSubmitOutcome {
  readonly kind: 'accepted' | 'duplicate' | 'incremental';
  readonly taskId: number;
  /** The server's own words. */
  readonly message: string;
}

/** A command was taken down: the task engine carries it out within minutes, and the state changes only then. */
export interface TaskCommandAnswer {
  /** The task that it is about: with new parameters the server goes by the task's name and may find a younger one. */
  readonly taskId: number;
  /** The server's own words. */
  readonly message: string;
}

/** Progress of one task. A task that the server does not know (yet) looks like one without datasets. */
export interface TaskDetails {
  readonly taskId: number;
  /** Null where it was not asked for. */
  readonly state: TaskState | null;
  readonly inputDatasets: readonly string[];
  readonly outputDatasets: readonly string[];
  /**
   * Inputs, real or pseudo, by what became of them: `tobedone`, `picked` (given to jobs), `finished`, `failed`, or the
   * state of their job.
   */
  readonly inputs: StateCounts;
  readonly pandaIds: readonly number[];
  readonly mergePandaIds: readonly number[];
  /** The command line it was submitted with; null where it was not asked for, or is not known. */
  readonly commandLine: string | null;
}

/** One task of a list. Times are epoch milliseconds, UTC; null where the server does not say. */
export interface TaskSummary {
  readonly taskId: number;
  readonly name: string;
  readonly state: TaskState;
  /** Shared by tasks of one request; a task of its own has its own id here. */
  readonly requestId: number | null;
  readonly site: string | null;
  readonly cloud: string | null;
  readonly processingType: string | null;
  readonly creationTime: number | null;
  readonly modificationTime: number | null;
  /** Where the list was asked for with details; inputs are then counted by the state of their processing. */
  readonly details: Pick<TaskDetails, 'inputDatasets' | 'outputDatasets' | 'inputs' | 'commandLine'> | null;
}

export interface TaskJobs {
  /** Jobs of all attempts, in no certain order. */
  readonly jobs: readonly JobRecord[];
  /** The server leaves out what is more than 5,500 jobs: ask for the ids, and describe those. */
  readonly isCut: boolean;
}

export interface TaskRetryOptions extends CallOptions {
  /** Parameters to change, merged into those of the task; null takes one away. See the vocabulary for those that may change. */
  readonly newParameters?: Readonly<Record<string, unknown>>;
  /** Leaves the tasks that depend on it as they are. */
  readonly noChildRetry?: boolean;
}

/**
 * Tasks (JEDI). A task that was just submitted is not known to most calls until the task engine has taken it up, which
 * takes minutes: `getStatus` then says null, and commands are refused.
 */
export interface TasksApi {
  /**
   * Rejects with `InvalidTaskError` where the parameters would be refused, make a broken task or be cut. After a lost
   * answer (`mayHaveActed`) it is safe to submit the same parameters again if they say `uniqueTaskName`.
   */
  submit(
    parameters: TaskParameters,
    options?: CallOptions & { readonly parentTaskId?: number },
  ): Promise<TaskSubmitOutcome>;
  /** Null for a task that the server does not know, or not yet. */
  getStatus(taskId: number, options?: CallOptions): Promise<TaskState | null>;
  /** Null for a task that the server does not know, or not yet; it can tell only where state or command line is asked for. */
  getDetails(
    taskId: number,
    options?: CallOptions & { readonly withState?: boolean; readonly withCommandLine?: boolean },
  ): Promise<TaskDetails | null>;
  /** The parameters it was submitted with, completed by the server; null for a task that the server does not know. */
  getTaskParameters(taskId: number, options?: CallOptions): Promise<Readonly<Record<string, unknown>> | null>;
  /** PandaIDs of all attempts; none for a task that is not known. */
  getJobIds(taskId: number, options?: CallOptions): Promise<readonly number[]>;
  getJobDescriptions(
    taskId: number,
    options?: CallOptions & { readonly unsuccessfulOnly?: boolean },
  ): Promise<TaskJobs>;
  /**
   * Tasks that changed at or after a time (epoch milliseconds), oldest first. Of tasks that share a request id, the server
   * names one; with details, 500 tasks at most.
   */
  getTasksModifiedSince(
    since: number,
    options?: CallOptions & {
      /** Somebody else's, by name; one's own where not said. */
      readonly owner?: string;
      readonly prodSourceLabel?: string;
      readonly withDetails?: boolean;
      /** Only tasks with ids above this. */
      readonly minTaskId?: number;
    },
  ): Promise<readonly TaskSummary[]>;
  kill(taskId: number, options?: CallOptions): Promise<TaskCommandAnswer>;
  /** Ends it with what is done; `soft` lets running jobs end. */
  finish(taskId: number, options?: CallOptions & { readonly soft?: boolean }): Promise<TaskCommandAnswer>;
  /** Runs again what failed. With new parameters it is run again as after `reloadInput`. */
  retry(taskId: number, options?: TaskRetryOptions): Promise<TaskCommandAnswer>;
  /** Looks for new input, and runs again what failed. */
  reloadInput(taskId: number, options?: CallOptions): Promise<TaskCommandAnswer>;
  /**
   * Asks all jobs that have not ended to end; the task makes new attempts. One boolean per job of the task, in no certain
   * order, as of `jobs.kill`.
   */
  killUnfinishedJobs(
    taskId: number,
    options?: CallOptions & { readonly code?: number },
  ): Promise<readonly boolean[]>;
  /** Gives inputs that may not be tried again so many attempts more, and all others, too. Needs the production role. */
  increaseAttempts(taskId: number, increase: number, options?: CallOptions): Promise<TaskCommandAnswer>;
  /** Makes no more jobs. Needs the production role. */
  pause(taskId: number, options?: CallOptions): Promise<TaskCommandAnswer>;
  /** Needs the production role. */
  resume(taskId: number, options?: CallOptions): Promise<TaskCommandAnswer>;
}
