/** Where a running sandbox answers; kept in `<data folder>/sandbox.json`, readable by its owner only. */
export interface SandboxConnection {
  /** `http://127.0.0.1:<port>`: server, cache, `/trf` and monitor at once. */
  readonly url: string;
  /** The bearer token every call needs. Never shown. */
  readonly token: string;
  readonly pid: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

export interface SandboxOptions {
  /** Everything of a sandbox is below this folder. */
  readonly dataFolder: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Jobs that run at a time. */
  readonly slots: number;
  /** Seconds between heartbeats of a running job: 2 here, 1800 on a grid site. */
  readonly heartbeatSeconds: number;
  /** Users sign in with an identity provider, as to a real server; undefined where holding the token is enough. */
  readonly signIn?: SandboxSignIn | undefined;
}

/** Who may use a sandbox that wants a sign-in. */
export interface SandboxSignIn {
  /** Address of the identity provider. */
  readonly issuer: string;
  /** How programs that sign in are called there. */
  readonly clientId: string;
  /** The `groups` of a token have to name it. */
  readonly vo: string;
}

export interface SandboxStatus {
  readonly running: boolean;
  readonly connection: SandboxConnection | undefined;
  readonly dataFolder: string;
  /** Jobs by state; undefined where the sandbox is not running. */
  readonly jobs: Readonly<Record<string, number>> | undefined;
}

/** Starts, finds and stops the sandbox of a data folder. Rejects with `SandboxError` (message and advice). */
export interface SandboxControl {
  /** Starts it unless it runs already; resolves when it answers. */
  start(options?: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (text: string) => void;
  }): Promise<SandboxConnection>;
  status(): Promise<SandboxStatus>;
  /** Ends running jobs' payloads, then the server; false when none ran. */
  stop(): Promise<boolean>;
  /** Removes all jobs, logs and cached files of a stopped sandbox. */
  reset(): Promise<void>;
}
