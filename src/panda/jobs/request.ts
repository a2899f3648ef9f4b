/** What somebody wants to run: pure data, independent of PanDA's records. See `buildJobSpec` for what becomes of it. */
export interface JobRequest {
  /** What the user calls it: the first thing shown in the tree. Not unique; the jobName made from it is. */
  readonly name: string;
  readonly transformation: TransformationRef;
  /** Arguments of the payload, one by one; quoting is ours, no argument reaches a shell unquoted. */
  readonly arguments: readonly string[];
  readonly site: string | undefined;
  readonly resources: Resources;
  /** Output files the payload is expected to write in its directory, by name. */
  readonly outputs: readonly string[];
  /** Files to be staged before the job is submitted; the payload finds them in its directory. */
  readonly inputs?: readonly InputFile[];
  /** Files of an earlier job that are staged already. */
  readonly stagedInputs?: readonly StagedInput[];
  /** Identity in the SLAC pipeline, put into the job parameters where the monitor looks for it. */
  readonly pipeline: PipelineIdentity | undefined;
}

export interface TransformationRef {
  /** `hello`, `script`, …: the id of the transformation that made the request. */
  readonly id: string;
  /** The payload script that runs on the worker node; named by content, fetched from the cache. */
  readonly payload: CacheFile;
  /** Files of the user that go along as one tarball, if any. */
  readonly tarball: CacheFile | undefined;
}

/** A file to be in the PanDA cache before the job is submitted. */
export interface CacheFile {
  /** Name in the cache; the same name always has the same content. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** A file of this machine that goes along with a job. */
export interface InputFile {
  /** Where the payload finds it, below its directory, `/` between folders. */
  readonly name: string;
  /** Absolute path on this machine. */
  readonly path: string;
  /** Bytes when it was looked at. */
  readonly size: number;
  /** When it was last changed before it was looked at, epoch ms; undefined where nobody looked. */
  readonly modified?: number;
}

/** A file that was staged for another job, known by its content. */
export interface StagedInput {
  /** As of `InputFile`. */
  readonly name: string;
  readonly size: number;
  readonly adler32: string;
  readonly sha256: string;
}

export interface Resources {
  readonly cores: number;
  /** Memory for the whole job, MB. */
  readonly memoryMB: number;
  readonly diskMB: number;
  readonly walltimeSeconds: number;
}

export interface PipelineIdentity {
  readonly task: string;
  readonly processInstance: string;
  readonly stream: string;
}

/** One thing wrong with a request or a record, with the place it stands at (`arguments[2]`, `jobName`). */
export interface Problem {
  readonly where: string;
  readonly message: string;
}
