import type { SandboxSignIn } from '../api.ts';
import type { Sites } from './sites.ts';
import type { Store } from './store/store.ts';

/** What the methods work with. */
export interface ServerContext {
  readonly store: Store;
  readonly sites: Sites;
  readonly folders: Folders;
  /** How users sign in; undefined where the token is enough. */
  readonly signIn: SandboxSignIn | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly uuid: () => string;
  /** Tells the background work that there is something to do. */
  readonly notice: Notice;
}

export interface Folders {
  readonly cache: string;
  readonly storage: string;
  /** Payload scripts served at `/trf/<name>`; undefined where there are none. */
  readonly payloads: string | undefined;
}

export interface Notice {
  /** Jobs were submitted and are `defined`. */
  readonly submitted: () => void;
  /** A pilot reported the end of a job, which is now `holding`. */
  readonly reported: () => void;
  /** A task was submitted or given a command, or its jobs were. */
  readonly taskChanged: () => void;
  /** A pilot was heard of. */
  readonly heard: (pandaId: number) => void;
}
