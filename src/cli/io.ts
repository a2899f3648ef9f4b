import type { Clock, Disposable } from '../watch/index.ts';

/** Where text goes. */
export interface OutStream {
  write(text: string): void;
  /** Resolves when what was written has been taken: for those who write much. */
  flush(): Promise<void>;
  readonly isTTY: boolean;
  /** Width of the terminal; undefined where it is none. */
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

/** Everything a command has of the outside world besides PanDA: tests bring their own. */
export interface CliIo {
  readonly stdout: OutStream;
  readonly stderr: OutStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  /** Name of the user at the system: the owner of sandbox jobs. */
  readonly userName: string;
  /** Number of the user at the system; undefined on Windows. */
  readonly userId: number | undefined;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Aborted by Ctrl-C, and when nobody reads our output any more. */
  readonly signal: AbortSignal;
  /** Asks at the terminal; undefined where there is none. */
  ask(question: string): Promise<string | undefined>;
  /** Calls for each line of standard input and at its end, until it is disposed: for programs that steer this one. */
  lines(onLine: (line: string) => void, onEnd: () => void): Disposable;
}
