/** Everything that goes between the page and its host. Types only: the page may not import our code. */
import type { JobView, LogName, TabName, UsageState } from './view.ts';

export type * from './view.ts';

/** How a search is meant: a regular expression or plain text, with or without regard to case. */
export interface SearchQuery {
  readonly pattern: string;
  readonly regex: boolean;
  readonly matchCase: boolean;
}

/** A line of a log by the byte it begins at, and its number in the file (the first is 0); null while not known. */
export interface Place {
  readonly offset: number;
  readonly line: number | null;
}

/** A line that matches. */
export interface LineHit extends Place {
  readonly line: number;
}

/** What is known of one log file. `waiting`: none yet, one may come; `missing`: none, and none will come. */
export type LogState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'ready'; readonly size: number; readonly growing: boolean }
  | { readonly kind: 'failed'; readonly message: string; readonly advice: string };

/** From host to page. Answers carry the `id` of the question. */
export type HostMessage =
  | { readonly type: 'job'; readonly view: JobView }
  /** The job cannot be shown, or not as it is now: an unknown id, no connection. Gone with the next `job`. */
  | {
      readonly type: 'trouble';
      readonly message: string;
      readonly advice: string;
      /** It is being worked on. */
      readonly waiting: boolean;
      readonly retry: boolean;
    }
  | { readonly type: 'log'; readonly file: LogName; readonly state: LogState }
  | {
      readonly type: 'piece';
      readonly id: number;
      readonly from: number;
      readonly bytes: Uint8Array;
      readonly size: number;
    }
  | { readonly type: 'usage'; readonly state: UsageState }
  | { readonly type: 'refused'; readonly id: number; readonly message: string }
  | {
      readonly type: 'hits';
      readonly id: number;
      /** New ones since the last message, in file order. */
      readonly hits: readonly LineHit[];
      /** Bytes looked through, of `size`. */
      readonly scanned: number;
      readonly size: number;
      readonly done: boolean;
      /** There are more than are listed. */
      readonly more: boolean;
      /** Why the search ended early; null where it did not. */
      readonly problem: string | null;
    };

export type ActionName = 'resubmit' | 'cancel' | 'openOutputs' | 'openMonitor' | 'copyLink' | 'refresh';

/** From page to host; the host checks every byte of it (`pageMessage.ts`). */
export type PageMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'do'; readonly action: ActionName }
  | { readonly type: 'openJob'; readonly pandaId: number }
  | { readonly type: 'openLog'; readonly file: LogName }
  /** A file that the job left, by its name. */
  | { readonly type: 'openFile'; readonly name: string }
  | { readonly type: 'copy'; readonly text: string }
  /** The page shows what the job used over time. */
  | { readonly type: 'watchUsage' }
  /** The page shows the files. */
  | { readonly type: 'watchFiles' }
  /** Which file is in view: the host says how it stands, and when it grows. */
  | { readonly type: 'watchLog'; readonly file: LogName }
  | {
      readonly type: 'read';
      readonly id: number;
      readonly file: LogName;
      readonly from: number;
      readonly length: number;
    }
  | { readonly type: 'search'; readonly id: number; readonly file: LogName; readonly query: SearchQuery }
  | { readonly type: 'firstError'; readonly id: number; readonly file: LogName }
  | { readonly type: 'stopSearch'; readonly id: number };

/** What the page keeps over hiding and reloading; everything else is the host's. */
export interface PageState {
  readonly profile: string;
  readonly pandaId: number;
  readonly tab: TabName;
  readonly file: LogName;
  readonly wrap: boolean;
  readonly follow: boolean;
  /** The first line in view; null for the end. */
  readonly top: Place | null;
  readonly find: SearchQuery;
  /** Words that select among all attributes. */
  readonly filter: string;
}
