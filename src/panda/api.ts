import type { JobRecord, JobSpec } from './jobs/record.ts';
import type { MonitorApi } from './monitor/api.ts';
import type { JobState } from './states.ts';
import type { TasksApi } from './tasks/tasksApi.ts';

export type * from './monitor/api.ts';

/** Options every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Options of calls that are split into several: `done` of `total` items are answered. */
export interface BulkOptions extends CallOptions {
  readonly onProgress?: (done: number, total: number) => void;
}

/** The PanDA client: one per profile, safe to share. All methods reject with `PandaError`, or with the signal's reason. */
export interface PandaClient {
  readonly system: SystemApi;
  readonly jobs: JobsApi;
  readonly tasks: TasksApi;
  readonly statistics: StatisticsApi;
  readonly metaconfig: MetaconfigApi;
  readonly files: FilesApi;
  readonly creds: CredsApi;
  /** The monitor's JSON, read only; undefined where the profile names no monitor. */
  readonly monitor: MonitorApi | undefined;
  /** Closes kept-alive connections. */
  dispose(): void;
}

export interface SystemApi {
  isAlive(options?: CallOptions): Promise<void>;
  /** What the server says of itself and of our request; the token it echoes is taken out. */
  getAttributes(options?: CallOptions): Promise<Readonly<Record<string, unknown>>>;
  /** Who asks, as the server sees it. A real server takes some seconds. */
  whoAmI(options?: CallOptions): Promise<ServerIdentity>;
}

/** Who somebody is for a server. */
export interface ServerIdentity {
  /** As jobs have it. */
  readonly user: string;
  /** The distinguished name. */
  readonly dn: string;
  readonly isProduction: boolean;
}

/**
 * What became of one submitted job. `unknown` means the answer was lost after the request had left: the job may or may
 * not exist and must be looked up by name before it is sent again. `notSent` means that nothing left this machine.
 */
export type SubmitOutcome =
  | {
      readonly kind: 'accepted';
      readonly jobName: string;
      readonly pandaId: number;
      readonly jobsetId: number | null;
    }
  | { readonly kind: 'refused'; readonly jobName: string; readonly reason: string }
  | { readonly kind: 'unknown'; readonly jobName: string; readonly reason: string }
  | { readonly kind: 'notSent'; readonly jobName: string; readonly reason: string };

export interface SubmitOptions extends BulkOptions {
  /** Called as soon as the outcomes of one call are known, so that they can be recorded before anything else happens. */
  readonly onOutcomes?: (outcomes: readonly SubmitOutcome[]) => void | Promise<void>;
}

export interface JobStatus {
  readonly pandaId: number;
  /** `unknown` also for jobs that are still `defined` or ended over an hour ago: it does not mean the job is gone. */
  readonly state: JobState | 'unknown';
  /** The command waiting for the pilot (`tobekilled`), null where none. */
  readonly command: string | null;
}

export interface JobsApi {
  /**
   * Submits any number of jobs, in calls of a few hundred, and returns one outcome per job in the order given.
   * Rejects only when nothing was sent: a record that would be refused or cut (`InvalidJobsError` names every problem).
   */
  submit(specs: readonly JobSpec[], options?: SubmitOptions): Promise<readonly SubmitOutcome[]>;
  /** One entry per id, in order; null for an id the server does not know. `archive` also looks among old jobs. */
  describe(
    pandaIds: readonly number[],
    options?: BulkOptions & { readonly archive?: boolean },
  ): Promise<readonly (JobRecord | null)[]>;
  getStatus(pandaIds: readonly number[], options?: BulkOptions): Promise<readonly JobStatus[]>;
  /**
   * One boolean per id: false is unknown, not ours, ended, or already being killed; the server does not say which.
   * Rejects when a call failed; the error then says how many jobs had been asked to end before.
   */
  kill(
    pandaIds: readonly number[],
    options?: BulkOptions & { readonly code?: number },
  ): Promise<readonly boolean[]>;
  reassign(pandaIds: readonly number[], options?: BulkOptions): Promise<void>;
  setDebugMode(pandaId: number, on: boolean, options?: CallOptions): Promise<void>;
  /** A shell script that runs the job's payload elsewhere. */
  generateOfflineExecutionScript(
    pandaId: number,
    options?: CallOptions & { readonly days?: number },
  ): Promise<string>;
}

/** Counts by state; a state that is not named has none. */
export type StateCounts = Readonly<Record<string, number>>;

export interface StatisticsApi {
  /** Active jobs of everybody, by site. Up to a minute old on a real server. */
  activeJobsBySite(options?: CallOptions): Promise<Readonly<Record<string, StateCounts>>>;
}

/** What the server says of one queue; the fields we use, and all others as they came. */
export interface SiteSpec {
  readonly name: string;
  readonly status: string;
  readonly cloud: string | null;
  /** Cores of a job there; null where the queue does not say. */
  readonly coreCount: number | null;
  /** Memory of a job, MB; null for no limit known. */
  readonly maxMemoryMB: number | null;
  /** Work directory of a job, MB. */
  readonly maxWorkDirMB: number | null;
  /** Wall time of a job, seconds. */
  readonly maxTimeSeconds: number | null;
  readonly comment: string | null;
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface ResourceType {
  readonly name: string;
  readonly minCores: number | null;
  readonly maxCores: number | null;
  readonly minMemoryPerCoreMB: number | null;
  readonly maxMemoryPerCoreMB: number | null;
}

export interface MetaconfigApi {
  /** All queues, sorted by name, without the per-resource-type copies that the server adds to unified queues. */
  getSiteSpecs(options?: CallOptions): Promise<readonly SiteSpec[]>;
  getResourceTypes(options?: CallOptions): Promise<readonly ResourceType[]>;
}

export interface FilesApi {
  /** Puts a file into the cache unless it is there already (same name, size and checksum), and keeps it from expiring. */
  ensureCacheFile(name: string, content: Uint8Array, options?: CallOptions): Promise<void>;
  uploadCacheFile(name: string, content: Uint8Array, options?: CallOptions): Promise<void>;
  touchCacheFile(name: string, options?: CallOptions): Promise<boolean>;
  /** True when the cache holds a file of this name, size (bytes) and checksum. */
  validateCacheFile(name: string, size: number, checksum: string, options?: CallOptions): Promise<boolean>;
  deleteCacheFile(name: string, options?: CallOptions): Promise<void>;
  downloadCacheFile(name: string, options?: CallOptions): Promise<Uint8Array>;
  /** Where a payload on a worker node fetches a cache file: `<cache>/cache/<name>`. */
  cacheUrl(name: string): string;
  /**
   * Bytes `[from, from+length)` of a text at a URL that the server or pilot named (a log beside `pilotID`), and its whole
   * size now. The token goes along only to the profile's own hosts. Rejects `notFound` when there is none (yet).
   */
  readRange(
    url: string,
    from: number,
    length: number,
    options?: CallOptions,
  ): Promise<{ bytes: Uint8Array; size: number }>;
}

/**
 * Secrets that PanDA keeps for a user. A job with `us` among the words of its `specialHandling` finds all of its owner's
 * in `panda_secrets.json` in its directory. No error shows one.
 */
export interface CredsApi {
  /**
   * Sets a secret, or removes it with null, whether it is there or not. `key`: up to 100 letters, digits and
   * underscores; `value`: up to 16,384 characters. Calls of one client take turns; of two clients at a time the server
   * may lose one change.
   */
  setUserSecret(key: string, value: string | null, options?: CallOptions): Promise<void>;
  /** The user's secrets by key: of the keys named those that are there, else all. */
  getUserSecrets(keys?: readonly string[], options?: CallOptions): Promise<Readonly<Record<string, string>>>;
}
