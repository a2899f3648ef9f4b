import type { CallOptions } from '../jrmp/client.ts';
import type { CallContext } from '../jrmp/remoteObject.ts';
import type { Job } from './job.ts';
import type { JobStatus } from './jobStatus.ts';

/** Which file of a job: the arguments of `getFile` and `getFileStream`, as the pipeline sends them. */
export interface JobFileName {
  /** `<stream primary key>:<process instance primary key>`. */
  readonly spId: string | null;
  readonly workingDirectory: string | null;
  /** Relative to the working directory. */
  readonly name: string | null;
}

/**
 * What the pipeline asks of a job control service. `Call`: what each call has besides; options for whoever calls, a context
 * for whoever serves.
 */
export interface JobControlRemote<Call extends readonly unknown[] = [options?: CallOptions]> {
  /** The id of the job that was created. */
  submit(job: Job, ...call: Call): Promise<string>;
  /** Throws a NoSuchJobException for an unknown id. */
  status(id: string, ...call: Call): Promise<JobStatus | null>;
  /** One entry for each id in the order of the list, null for those that are unknown. */
  arrayStatus(ids: readonly string[], ...call: Call): Promise<ReadonlyMap<string, JobStatus | null>>;
  /** Resolves when the cancel is requested. */
  cancel(id: string, ...call: Call): Promise<void>;
  /** The content of a small file. */
  getFile(file: JobFileName, ...call: Call): Promise<string | null>;
  /** The content of a file of any size. */
  getFileStream(file: JobFileName, ...call: Call): Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Serves the calls. What is thrown as a JavaThrowable reaches the caller (see `exceptions.ts`); any other error is told as
 * a JobControlException without its words. `context.signal` is aborted at the deadline, when the caller is gone, and when
 * the server ends: a submission that has begun had better go on all the same.
 */
export type JobControlHandlers = JobControlRemote<[context: CallContext]>;
