/**
 * What happens to streams and process instances. The events of a run, in their order, make its model: they are what the
 * journal holds. `at`: epoch milliseconds; `key`: the primary key of a process instance.
 */
export type PipelineEvent =
  | { readonly type: 'stream'; readonly at: number; readonly number: number; readonly variables: Variables }
  /** It is about to be submitted; whether its job exists is not known until `submitted` or `refused`. */
  | { readonly type: 'queued'; readonly at: number; readonly key: number }
  | { readonly type: 'submitted'; readonly at: number; readonly key: number; readonly jobId: string }
  | { readonly type: 'refused'; readonly at: number; readonly key: number; readonly message: string }
  | {
      readonly type: 'started';
      readonly at: number;
      readonly key: number;
      readonly host: string | null;
      readonly startTime: number | null;
    }
  | ({ readonly type: 'ended'; readonly at: number; readonly key: number } & JobEnd)
  /** A mail of a kind that had come already. */
  | { readonly type: 'repeated'; readonly at: number; readonly key: number }
  | ({ readonly type: 'script'; readonly at: number; readonly key: number } & ScriptEnd)
  /** Its job ended, or is gone, and no mail said so. */
  | { readonly type: 'terminated'; readonly at: number; readonly key: number; readonly message: string }
  | { readonly type: 'cancel'; readonly at: number; readonly keys: readonly number[] }
  | { readonly type: 'canceled'; readonly at: number; readonly key: number }
  | { readonly type: 'rollback'; readonly at: number; readonly keys: readonly number[] };

export type Variables = Readonly<Record<string, string>>;

export interface NewSubstream {
  readonly task: string;
  /** -1: the next that is free. */
  readonly stream: number;
  readonly variables: Variables;
}

/** What the end mail says; times are epoch milliseconds, null where it does not say. */
export interface JobEnd {
  /** Null where the mail has none. */
  readonly exitCode: number | null;
  readonly host: string | null;
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly variables: Variables;
  readonly substreams: readonly NewSubstream[];
}

export interface ScriptEnd {
  /** Why it failed; null where it did not. */
  readonly failure: string | null;
  /** What it printed, or what was done in its place. */
  readonly output: string;
  readonly variables: Variables;
  readonly substreams: readonly NewSubstream[];
}
