import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxConnection, SandboxControl, SandboxOptions } from './api.ts';
import { folderError, SandboxError } from './controlError.ts';
import { countJobs, findSandbox, isProcess } from './controlProbe.ts';
import { startProcess } from './controlStart.ts';
import { sandboxLayout, type SandboxLayout } from './layout.ts';
import { endOrphans } from './pilot/endOrphans.ts';

/** What a control needs besides the sandbox's own options. */
export interface SandboxControlParts {
  readonly options: SandboxOptions;
  /** A Node.js with `node:sqlite`, or an Electron that is told in `env` to be one. */
  readonly nodePath: string;
  /** The sandbox's program, `dist/sandbox/main.js`. */
  readonly mainEntry: string;
  /** Environment of the sandbox process; none of it reaches a payload. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this program; goes into the jobs' pilotID. */
  readonly version?: string;
  /** The pilot's program, where it does not stand beside the sandbox's. */
  readonly pilotEntry?: string;
  /** Payload scripts to serve at `/trf/<name>`. */
  readonly payloadFolder?: string;
}

/** Payloads get 10 s to end and the pilot 5 s to report them; the server closes after that. */
const STOP_LIMIT_MS = 30_000;
const LOOK_MS = 50;
const ORPHAN_GRACE_MS = 10_000;

/** The control of the sandbox of one data folder. It holds nothing: any number may be made, in any process. */
export function createSandboxControl(parts: SandboxControlParts): SandboxControl {
  const { options, nodePath, mainEntry, env, version, pilotEntry, payloadFolder } = parts;
  const layout = sandboxLayout(options.dataFolder);

  return {
    start: async ({ signal, onProgress } = {}) => {
      signal?.throwIfAborted();
      const found = await findSandbox(layout.connectionFile);
      if (found.kind === 'answering') return found.connection;
      if (found.kind === 'silent') throw silentError(found.connection);
      onProgress?.('Starting the sandbox');
      const more = { version, pilotEntry, payloadFolder };
      const order = { layout, nodePath, mainEntry, environment: env, options: { ...options, ...more } };
      const connection = await startProcess(order, signal);
      onProgress?.(`Sandbox answers at ${connection.url}`);
      return connection;
    },

    status: async () => {
      const found = await findSandbox(layout.connectionFile);
      const connection = found.kind === 'none' ? undefined : found.connection;
      const jobs = found.kind === 'answering' ? await countJobs(found.connection) : undefined;
      return { running: connection !== undefined, connection, dataFolder: options.dataFolder, jobs };
    },

    stop: async () => {
      const found = await findSandbox(layout.connectionFile);
      if (found.kind !== 'none') await stopProcess(found.connection);
      // A sandbox that broke down left its payloads running.
      await endOrphans(layout.workFolder, ORPHAN_GRACE_MS);
      return found.kind !== 'none';
    },

    reset: async () => {
      if (!existsSync(layout.root)) return;
      const lock = await lockStopped(layout);
      try {
        await endOrphans(layout.workFolder, ORPHAN_GRACE_MS);
        await removeContents(layout);
      } finally {
        lock.dispose();
      }
    },
  };
}

/** Takes the place of the sandbox, so that none can start meanwhile; rejects when one runs. */
async function lockStopped(layout: SandboxLayout): Promise<{ dispose(): void }> {
  // Loaded here, so that all the rest works on a Node.js without SQLite and can say what is wrong.
  const { takeLock } = await import('./folderLock.ts');
  let lock;
  try {
    lock = takeLock(layout.lockFile);
  } catch (error) {
    throw folderError(layout.root, error);
  }
  if (lock !== undefined) return lock;
  throw new SandboxError(
    `The sandbox on ${layout.root} is running, so it cannot be reset`,
    'Stop it first with desc-panda sandbox stop',
  );
}

/** Removes what a sandbox made, by name: the folder is the user's choice and may hold more than that. */
async function removeContents(layout: SandboxLayout): Promise<void> {
  const { database, cacheFolder, storageFolder, stagingFolder, workFolder } = layout;
  const { connectionFile, serverLog, pilotLog } = layout;
  const files = [database, serverLog, pilotLog].flatMap((file) => [
    file,
    `${file}-wal`,
    `${file}-shm`,
    `${file}.1`,
  ]);
  for (const path of [connectionFile, ...files, workFolder, storageFolder, stagingFolder, cacheFolder]) {
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      throw new SandboxError(`Could not remove ${path}`, 'Check its permissions and reset again', error);
    }
  }
}

async function stopProcess({ pid }: SandboxConnection): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!sendSignal(pid, signal)) return;
    const deadline = performance.now() + STOP_LIMIT_MS;
    while (isProcess(pid) && performance.now() < deadline) await delay(LOOK_MS);
    if (!isProcess(pid)) return;
  }
  throw new SandboxError(`The sandbox does not end (process ${pid})`, `End process ${pid} by hand`);
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // It is gone already.
  }
}

function silentError({ pid, url }: SandboxConnection): SandboxError {
  return new SandboxError(
    `The sandbox at ${url} (process ${pid}) is there but does not answer`,
    'Stop it with desc-panda sandbox stop, and start it again',
  );
}
