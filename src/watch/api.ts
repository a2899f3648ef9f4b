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
  /** Id shared by the jobs of one submission; null for jobs submitted by other programs. */
  readonly submissionId: string | null;
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
  /** The state, submission id, site or `YYYY-MM-DD`. */
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
  /** Applies updates and fires one change, or none when nothing differs. A final state is never left again. */
  apply(updates: Iterable<JobUpdate>): void;
  remove(pandaIds: Iterable<number>): void;
  /** PandaIDs of jobs that have not ended. */
  unfinished(): number[];
  /**
   * Groups in display order under a filter (words that must all occur in name, jobName, PandaID, site, state or error;
   * empty for all). A submission of one job is a group of size 1.
   */
  groups(grouping: Grouping, filter: string): readonly JobGroup[];
  /** PandaIDs `[from, from+count)` of a group, newest first. */
  members(group: JobGroup, filter: string, from: number, count: number): readonly number[];
  /** The group of a job under a grouping; its id finds the tree node to refresh. */
  groupIdOf(pandaId: number, grouping: Grouping): string | undefined;
}

/** How closely somebody looks: sets the pace of the poller. */
export type Attention = 'focused' | 'visible' | 'hidden';

export type PollStatus =
  | { readonly kind: 'idle' }
  | { readonly kind: 'current'; readonly asOf: number }
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
  /** Adds jobs known only by id, and asks for them at the next poll. */
  track(pandaIds: readonly number[]): void;
  /** Notes that a cancel was sent, so that rows show it until the state is final. */
  cancelRequested(pandaIds: readonly number[]): void;
}

/** What is asked of a submission before and while it runs; see `submitJobs`. */
export interface SubmissionPlan {
  /** What the user calls the whole. */
  readonly name: string;
  readonly requests: readonly JobRequest[];
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

/** Finds the log of a job from its record: the folder of the URL at the head of `pilotID`. */
export type FindLog = (record: JobRecord) => LogSource | undefined;
