import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync, fstatSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxConnection } from './api.ts';
import { folderError, readStartFailure, SandboxError } from './controlError.ts';
import { findSandbox } from './controlProbe.ts';
import type { SandboxLayout } from './layout.ts';

/** How the sandbox process is started. */
export interface StartOrder {
  readonly layout: SandboxLayout;
  readonly nodePath: string;
  readonly mainEntry: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Goes to the process as one JSON line on stdin. */
  readonly options: Readonly<Record<string, unknown>>;
}

const LOOK_MS = 50;
const START_LIMIT_MS = 30_000;
/** How long our own process gets to end when it is not wanted after all. */
const END_LIMIT_MS = 10_000;
/** How long another start on the same folder, which won over ours, is given to answer. */
const OTHER_START_MS = 10_000;

/** Starts the sandbox process, detached, and waits until it answers. Rejects with `SandboxError` or the signal's reason. */
export async function startProcess(order: StartOrder, signal?: AbortSignal): Promise<SandboxConnection> {
  const { layout } = order;
  await prepareFolder(layout.root);
  const log = openLog(layout.serverLog);
  try {
    const child = launch(order, log.file);
    try {
      return await waitForAnswer(order, child, log, signal);
    } catch (error) {
      await child.end();
      throw error;
    }
  } finally {
    closeSync(log.file);
  }
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw folderError(folder, error);
  }
}

interface StartLog {
  readonly file: number;
  /** What was written since it was opened. */
  read(): string;
}

const MAX_LOG_BYTES = 64 * 1024;

function openLog(path: string): StartLog {
  let file: number;
  try {
    file = openSync(path, 'a+', 0o600);
  } catch (error) {
    throw folderError(path, error);
  }
  const from = fstatSync(file).size;
  return {
    file,
    read: () => {
      const buffer = Buffer.alloc(Math.min(MAX_LOG_BYTES, Math.max(0, fstatSync(file).size - from)));
      return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, from)).toString('utf8');
    },
  };
}

interface Child {
  /** How it ended; undefined while it runs. */
  readonly fate: () => Fate | undefined;
  readonly pid: number | undefined;
  /** Tells it to end; resolves when it has. */
  end(): Promise<void>;
}

type Fate =
  { readonly kind: 'notStarted'; readonly code: string } | { readonly kind: 'ended'; readonly how: string };

function launch({ nodePath, mainEntry, environment, options, layout }: StartOrder, log: number): Child {
  let fate: Fate | undefined;
  const process = spawn(nodePath, [mainEntry], {
    cwd: layout.root, // Not wherever the user is: that folder may be removed meanwhile.
    detached: true,
    stdio: ['pipe', 'ignore', log],
    env: { ...environment },
  });
  process.once('error', (error: NodeJS.ErrnoException) => {
    fate = { kind: 'notStarted', code: error.code ?? error.message };
  });
  process.once('exit', (code, signal) => {
    fate = { kind: 'ended', how: signal ?? `exit code ${code}` };
  });
  process.stdin?.on('error', () => undefined); // It ended before it read: its fate says more.
  process.stdin?.end(`${JSON.stringify(options)}\n`);
  process.unref();
  const end = async (): Promise<void> => {
    const deadline = performance.now() + END_LIMIT_MS;
    for (process.kill('SIGTERM'); fate === undefined; await delay(LOOK_MS)) {
      if (performance.now() > deadline) process.kill('SIGKILL');
    }
  };
  return { fate: () => fate, pid: process.pid, end };
}

async function waitForAnswer(
  order: StartOrder,
  child: Child,
  log: StartLog,
  signal: AbortSignal | undefined,
): Promise<SandboxConnection> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    const fate = child.fate();
    const found = await findSandbox(order.layout.connectionFile);
    if (found.kind === 'answering') {
      // Another start was quicker: ours must not come up later, when that one is stopped perhaps.
      if (found.connection.pid !== child.pid) await child.end();
      return found.connection;
    }
    if (fate !== undefined) return otherOne(order, explainFate(fate, log.read(), order), signal);
    if (performance.now() > deadline) {
      throw new SandboxError(
        `The sandbox did not answer within ${START_LIMIT_MS / 1000} s`,
        `Look at its log: ${order.layout.serverLog}`,
      );
    }
    await delay(LOOK_MS, undefined, signal === undefined ? {} : { signal });
  }
}

/** When ours gave way to another one starting on the same folder, that one is as good; else the error it is. */
async function otherOne(order: StartOrder, error: SandboxError, signal: AbortSignal | undefined) {
  const deadline = performance.now() + (isTaken(error) ? OTHER_START_MS : 0);
  while (performance.now() < deadline) {
    const found = await findSandbox(order.layout.connectionFile);
    if (found.kind === 'answering') return found.connection;
    await delay(LOOK_MS, undefined, signal === undefined ? {} : { signal });
  }
  throw error;
}

function isTaken(error: SandboxError): boolean {
  return error.message.startsWith('A sandbox is already running on ');
}

/** Why a sandbox process did not come to answer, from what it left in its log. */
function explainFate(fate: Fate, log: string, { nodePath, mainEntry, layout }: StartOrder): SandboxError {
  if (fate.kind === 'notStarted') {
    const advice = 'Install Node.js 22.13 or newer, or correct the path';
    if (fate.code === 'ENOENT') return new SandboxError(`There is no Node.js program: ${nodePath}`, advice);
    return new SandboxError(`Node.js could not be started (${fate.code}): ${nodePath}`, advice);
  }
  const told = readStartFailure(log);
  if (told !== undefined) return told;
  if (log.includes('node:sqlite') && /ERR_UNKNOWN_BUILTIN_MODULE|No such built-in module/u.test(log)) {
    return new SandboxError(
      `This Node.js is too old for the sandbox, it has no SQLite: ${nodePath}`,
      'Use Node.js 22.13 or newer',
    );
  }
  if (/ERR_MODULE_NOT_FOUND|Cannot find module/u.test(log)) {
    return new SandboxError(
      `The sandbox’s program is missing or incomplete: ${mainEntry}`,
      'Install the extension again, or build it with npm run build',
    );
  }
  const last = log.trim().split('\n').at(-1) ?? '';
  return new SandboxError(
    `The sandbox ended at once (${fate.how})${last === '' ? '' : `: ${last}`}`,
    `Look at its log: ${layout.serverLog}`,
  );
}
