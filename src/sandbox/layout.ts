import { join } from 'node:path';

/** Where everything of a sandbox lies below its data folder. Folders are 0700, files with secrets 0600. */
export interface SandboxLayout {
  readonly root: string;
  /** `SandboxConnection` of the running sandbox; also how pilots find the server again after a restart. */
  readonly connectionFile: string;
  readonly database: string;
  /** Held by the running sandbox: a second one on the same folder is refused. */
  readonly lockFile: string;
  /** Files uploaded by clients, served at `/cache/<name>`. */
  readonly cacheFolder: string;
  /** Logs and outputs by job, served at `/storage/<PandaID>/<name>` while they grow and afterwards. */
  readonly storageFolder: string;
  /** Files of jobs that wait to be fetched, where the sandbox's profile stages them. */
  readonly stagingFolder: string;
  /** Working directories of running payloads. */
  readonly workFolder: string;
  readonly serverLog: string;
  readonly pilotLog: string;
}

export function sandboxLayout(root: string): SandboxLayout {
  return {
    root,
    connectionFile: join(root, 'sandbox.json'),
    database: join(root, 'panda.db'),
    lockFile: join(root, 'sandbox.lock'),
    cacheFolder: join(root, 'cache'),
    storageFolder: join(root, 'storage'),
    stagingFolder: join(root, 'staging'),
    workFolder: join(root, 'work'),
    serverLog: join(root, 'server.log'),
    pilotLog: join(root, 'pilot.log'),
  };
}
