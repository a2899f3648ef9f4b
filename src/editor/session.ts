import type { DatacatClient } from '../datacat/index.ts';
import type { PandaClient, Profile, SignIn } from '../panda/index.ts';
import type { StagingStores } from '../staging/index.ts';
import type {
  Disposable,
  Event,
  FindLog,
  JobFiles,
  JobStore,
  Poller,
  SubmissionJournal,
  TaskJournal,
  TaskWatch,
} from '../watch/index.ts';

/** Everything that belongs to one profile while it is in use; thrown away whole when the profile changes. */
export interface Session extends Disposable {
  readonly profile: Profile;
  readonly client: PandaClient;
  /** Undefined where the profile proves otherwise who it is. */
  readonly signIn: SignIn | undefined;
  /** Whose tokens it uses, for their issuer; undefined where nobody was signed in when it began. */
  readonly subject: string | undefined;
  readonly store: JobStore;
  readonly poller: Poller;
  readonly journal: SubmissionJournal;
  readonly tasks: TaskWatch;
  readonly taskJournal: TaskJournal;
  readonly findLog: FindLog;
  readonly jobFiles: JobFiles;
  /** Undefined where the profile names no data catalog. */
  readonly datacat: DatacatClient | undefined;
  /** Opens where files of jobs are staged: `staging.open(profile.staging)`, with the credentials this window holds. */
  readonly staging: StagingStores;
  /** Folder of a job's outputs and logs on this machine (`<folder>/<PandaID>/`); undefined but for the sandbox. */
  readonly storageFolder: string | undefined;
}

/** Why there is a session, or none. */
export type SessionState =
  /** Nothing asked for one yet. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly session: Session }
  /** The workspace is not trusted: nothing connects. */
  | { readonly kind: 'restricted' }
  /** The profile is the sandbox, and it does not run. */
  | { readonly kind: 'sandboxStopped' }
  /** The profile's settings cannot be used. */
  | { readonly kind: 'unusable'; readonly error: Error };

type WithoutSession = Exclude<SessionState, { kind: 'open' }>['kind'];

/** Why a view that needs a session has nothing to show: one that nobody asked for is about to be opened. */
export function whyNoSession(kind: WithoutSession): Exclude<WithoutSession, 'closed'> {
  return kind === 'closed' ? 'opening' : kind;
}

export interface RequireOptions {
  readonly signal?: AbortSignal;
  /** Told what is being waited for, as a sentence without a full stop. */
  readonly onProgress?: (text: string) => void;
}

/** The one session of this window. */
export interface Sessions extends Disposable {
  readonly state: SessionState;
  /** The open session, if any. Ask again instead of keeping it: a change of profile replaces it. */
  readonly current: Session | undefined;
  readonly onDidChange: Event<SessionState>;
  /** Opens a session unless that needs something started or mended; `state` then says why. Never rejects. */
  open(): Promise<Session | undefined>;
  /** Opens a session, starting the sandbox where that is the profile; rejects with what the user can do. */
  require(options?: RequireOptions): Promise<Session>;
  /** Throws the session away and opens it again: the profile, its settings or the sandbox changed. */
  reopen(): Promise<Session | undefined>;
  readonly isLookedAt: boolean;
  /** Somebody looks at jobs until the returned object is disposed; sets the pace of the poller. */
  look(): Disposable;
  /** Whether the window has the focus: the other half of the pace. */
  setFocused(focused: boolean): void;
}
