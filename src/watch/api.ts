import type {
  JobRecord,
  JobRequest,
  JobState,
  SiteSpec,
  StateCounts,
  SubmitOutcome,
} from '../panda/index.ts';

/** Undoes a registration or frees a resource; safe to call twice. */
export interface Disposable {
  dispose(): void;
}

/** Subscribes to an event; the returned object unsubscribes. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** Time comes in from outside, so that tests can set it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back once after `ms`. */
  after(ms: number, callback: () => void): Disposable;
}

/**
 * What we know of a submitted job: a view on one row of the store. Reading a property reads the store, so a view never
 * goes stale; it must not be kept beyond the store's life.
 */
export interface Job {
  readonly pandaId: number;
  /** What the user called it. */
  readonly name: string;
  /** PanDA's unique name: `<name>.<submission id>.<number>` for jobs submitted by us. */
  readonly jobName: string;
  /** Id shared by the jobs of one submission; null for jobs of tasks, and for those submitted by other programs. */
  readonly submissionId: string | null;
  /** The task that made it; null for jobs submitted as such. */
  readonly taskId: number | null;
  /** The task made another attempt of it. */
  readonly superseded: boolean;
  readonly state: JobState;
  /** We asked for the end and the pilot has not obeyed yet. */
  readonly cancelRequested: boolean;
  readonly site: string | null;
  readonly transformation: string | null;
  /** Epoch milliseconds, UTC; null where not known. */
  readonly creationTime: number | null;
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly modificationTime: number | null;
  /** `component:code` of the first error, `trans:3`; null where none. */
  readonly error: string | null;
  readonly attempt: number;
}

/** The ways jobs are grouped in the tree. */
export type Grouping = 'state' | 'submission' | 'site' | 'day';

export interface JobGroup {
  /** Stable over refreshes: made of the grouping and the key, never of counts or texts. */
  readonly id: string;
  readonly grouping: Grouping;
  /** The state, submission id or `taskKey`, site or `YYYY-MM-DD`. */
  readonly key: string;
  readonly label: string;
  readonly size: number;
  readonly states: StateCounts;
  /** How many wait for the pilot to obey a cancel. */
  readonly cancelRequested: number;
}

/** Exactly what changed: PandaIDs, and the ids of groups whose counts or members did. */
export interface StoreChange {
  readonly added: readonly number[];
  readonly changed: readonly number[];
  readonly removed: readonly number[];
  /** Ids of groups, of every grouping, that came, went, or changed in counts, members or label. */
  readonly groups: readonly string[];
}

/** What a source says of a job; what it does not name stays as it was. */
export type JobUpdate = { readonly pandaId: number } & Partial<
  Omit<Job, 'pandaId' | 'name' | 'submissionId'>
>;

/** Every job of one profile, in compact columns. */
export interface JobStore {
  readonly size: number;
  readonly counts: StateCounts;
  readonly onDidChange: Event<StoreChange>;
  get(pandaId: number): Job | undefined;
  /**
   * Applies updates and fires one change, or none when nothing differs. A job comes into being with its first update
   * (state `unknown` unless named). A final state is never left: an update that names another one is out of date and is
   * ignored as a whole. `cancelRequested` is cleared by a final state.
   */
  apply(updates: Iterable<JobUpdate>): void;
  remove(pandaIds: Iterable<number>): void;
  /** PandaIDs of jobs that have not ended, newest first. */
  unfinished(): number[];
  /** What the user called a submission; until this is said, its group is labelled with the name of its first job. */
  nameSubmission(submissionId: string, name: string): void;
  /**
   * Goes through all jobs in slices that leave the event loop free, and keeps the result true as jobs change: from then
   * on `groups` and `members` with the same text answer at once. Call and await it whenever the user changes the filter
   * (the empty text needs none). Rejects with the signal's reason. The last few filters are kept.
   */
  prepareFilter(text: string, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Groups in display order under a filter (words that must all occur in name, jobName, PandaID, site, state or error,
   * in any case of letters; empty for all). A submission of one job is a group of size 1; jobs submitted by other
   * programs share one group with the key `''`. A filter that was not prepared is gone through on the spot, which takes
   * long for hundreds of thousands of jobs.
   */
  groups(grouping: Grouping, filter: string): readonly JobGroup[];
  /** PandaIDs `[from, from+count)` of a group, newest first; only those in `state` where one is named. */
  members(group: JobGroup, filter: string, from: number, count: number, state?: JobState): readonly number[];
  /** The group of a job under a grouping; its id finds the tree node to refresh. */
  groupIdOf(pandaId: number, grouping: Grouping): string | undefined;
}

/** How closely somebody looks: sets the pace of the poller. */
export type Attention = 'focused' | 'visible' | 'hidden';

export type PollStatus =
  | { readonly kind: 'idle' }
  /** `warning`: the monitor did not answer, so that jobs submitted elsewhere may be missing; null where all is well. */
  | { readonly kind: 'current'; readonly asOf: number; readonly warning: Error | null }
  /** Not answering: what is shown is as of `asOf` (null: nothing ever came), next try at `nextTry`. */
  | {
      readonly kind: 'failing';
      readonly asOf: number | null;
      readonly error: Error;
      readonly nextTry: number;
    };

/** Keeps a store true: one poll at a time, only for jobs in motion, rarer when nothing moves or nobody looks. */
export interface Poller extends Disposable {
  readonly status: PollStatus;
  readonly onDidChangeStatus: Event<PollStatus>;
  start(): void;
  setAttention(attention: Attention): void;
  /** Asks now (joining a poll under way); resolves when the answer is in the store, rejects as the poll did. */
  refresh(reason: string): Promise<void>;
  /** Adds jobs known only by id, and asks for them soon; they are in the store once the server has described them. */
  track(pandaIds: readonly number[]): void;
  /** Notes that a cancel was sent, so that rows show it until the state is final. */
  cancelRequested(pandaIds: readonly number[]): void;
}

/** Requests in a list, or made when they are asked for: the same ones each time they are gone through. */
export interface RequestSequence extends Iterable<JobRequest> {
  readonly length: number;
}

/** What is asked of a submission before and while it runs; see `submitJobs`. */
export interface SubmissionPlan {
  /** What the user calls the whole. */
  readonly name: string;
  readonly requests: RequestSequence;
  /** Its files are staged below this folder of the place that the profile names. */
  readonly stagingFolder?: string;
}

export interface Submission {
  readonly id: string;
  readonly name: string;
  readonly profile: string;
  readonly submittedAt: number;
  readonly outcomes: readonly SubmitOutcome[];
}

/** One site with what is known of it, for the Sites view and `desc-panda sites`. */
export interface SiteView {
  readonly spec: SiteSpec;
  /** Jobs of everybody, by state. */
  readonly everybody: StateCounts;
  /** My jobs, by state. */
  readonly mine: StateCounts;
}

/** Names of the log files a pilot leaves, the one most wanted first. */
export type LogFile = 'payload.stdout' | 'payload.stderr' | 'pilotlog.txt';

/** A piece of a log that was read: bytes `[from, from+bytes.length)` of a file of `size` bytes (so far). */
export interface LogPiece {
  readonly from: number;
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** Reads a job's log wherever it is, by ranges; never the whole of it. */
export interface LogSource {
  /** Rejects with PandaError `notFound` while there is none. */
  read(
    file: LogFile,
    from: number,
    length: number,
    options?: { readonly signal?: AbortSignal },
  ): Promise<LogPiece>;
}

/**
 * Finds the log of a job from its record: beside the URL at the head of `pilotID`, where the job is staged, or in
 * what its debug mode shows; undefined while there is none of these.
 */
export type FindLog = (record: JobRecord) => LogSource | undefined;

/** One line of a log. `offset`, the byte it begins at, is its identity, however the log is read. */
export interface LogLine {
  readonly offset: number;
  /** Without the line end. Bytes that are not UTF-8 are U+FFFD; a line beyond 16 kB comes as several, cut anywhere. */
  readonly text: string;
}

/**
 * - `waiting`: there is no such file yet;
 * - `following`: read to its end, growth is looked for;
 * - `paused`: nobody looks, or the window stands elsewhere than at the end;
 * - `failing`: the last read failed, tried again at `nextTry` (epoch milliseconds);
 * - `ended`: the job is over and all is read; `missing` when there never was a file.
 */
export type LogTailStatus =
  | { readonly kind: 'waiting' | 'following' | 'paused' }
  | { readonly kind: 'failing'; readonly error: Error; readonly nextTry: number }
  | { readonly kind: 'ended'; readonly missing: boolean };

/** The part of a log that is kept: whole lines of bytes `[from, to)`. */
export interface LogWindow {
  readonly file: LogFile;
  readonly lines: readonly LogLine[];
  readonly from: number;
  readonly to: number;
  /** Bytes of the file as last seen. */
  readonly size: number;
  /** Number of the first line kept, from 1; null while unknown (the log was read from its end). */
  readonly firstLine: number | null;
  /** Growth, bytes per second over the last while. */
  readonly rate: number;
  readonly status: LogTailStatus;
}

/**
 * What a log tail did to its window:
 * - `reset`: everything is different (first read, jump, the file was cut or replaced): take `window` anew;
 * - `appended`: `lines` came at the end after the last `replaced` lines (0 or 1: an unfinished line grew) were taken
 *   away, and `dropped` lines went at the top to keep the window bounded;
 * - `prepended`: `lines` came at the top, and `dropped` lines went at the end;
 * - `status`: only `status`, `size` or `rate` changed.
 */
export type LogChange =
  | { readonly kind: 'reset' | 'status' }
  | {
      readonly kind: 'appended';
      readonly lines: readonly LogLine[];
      readonly replaced: number;
      readonly dropped: number;
    }
  | { readonly kind: 'prepended'; readonly lines: readonly LogLine[]; readonly dropped: number };

/** A line found in a log: its offset, its number from 1, its text. */
export interface LogHit extends LogLine {
  readonly number: number;
}

/** Follows one log file of one job through a bounded window; reads ranges, never the whole. */
export interface LogTail extends Disposable {
  readonly window: LogWindow;
  readonly onDidChange: Event<LogChange>;
  /** Begins at the end of the file: its last 256 kB, or all of a small one. */
  start(): void;
  /** Paces the reads; `hidden` pauses them. */
  setAttention(attention: Attention): void;
  /** The job is over: reads what is left, then ends. */
  finish(): void;
  /** Adds the piece before (after) the window; false when there is none. Rejects as the read did. */
  loadEarlier(options?: { readonly signal?: AbortSignal }): Promise<boolean>;
  loadLater(options?: { readonly signal?: AbortSignal }): Promise<boolean>;
  /** Moves the window to the line at a byte offset; stops following unless that is the end. */
  goTo(offset: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Moves the window to the end and follows again. */
  goToEnd(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** The first line, from the start of the file, that tells of an error; null where none does. Keeps nothing it reads. */
  firstError(options?: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (bytes: number, size: number) => void;
  }): Promise<LogHit | null>;
}
