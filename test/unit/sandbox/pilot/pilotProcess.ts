import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sandboxLayout, type SandboxLayout } from '../../../../src/sandbox/layout.ts';
import { createProcessTable } from '../../../../src/sandbox/pilot/processTable.ts';
import type { PilotSettings } from '../../../../src/sandbox/pilot/settings.ts';
import type { FakeServer } from './fakeServer.ts';

const MAIN = fileURLToPath(new URL('../../../../src/sandbox/pilot/main.ts', import.meta.url));

export interface PilotProcess {
  readonly child: ChildProcess;
  /** What it wrote to its log so far. */
  log(): string;
  end(signal: NodeJS.Signals): Promise<void>;
  /** Closes the lifeline, as the end of the supervising process does. */
  cutLifeline(): Promise<void>;
}

/** Starts a real pilot process on a data folder. */
export function startPilot(dataFolder: string, settings: Partial<PilotSettings> = {}): PilotProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { SECRET_OF_THE_PILOT: 'must not reach a payload' },
  });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const quick = {
    heartbeatSeconds: 0.2,
    idlePollMs: 50,
    graceSeconds: 1,
    freeDiskStartMB: 1,
    freeDiskRunMB: 1,
  };
  child.stdin?.write(`${JSON.stringify({ dataFolder, ...quick, ...settings })}\n`);
  const gone = once(child, 'exit');
  return {
    child,
    log: () => log,
    end: async (signal) => {
      child.kill(signal);
      await gone;
    },
    cutLifeline: async () => {
      child.stdin?.end();
      await gone;
    },
  };
}

export async function makeDataFolder(): Promise<SandboxLayout> {
  return sandboxLayout(await mkdtemp(join(tmpdir(), 'desc-panda-pilot-')));
}

export async function removeDataFolder(layout: SandboxLayout): Promise<void> {
  await rm(layout.root, { recursive: true, force: true, maxRetries: 5 });
}

/** Writes `sandbox.json` as a running sandbox does. */
export async function announce(layout: SandboxLayout, server: FakeServer): Promise<void> {
  const { url, token } = server;
  const text = JSON.stringify({ url, token, pid: process.pid, startedAt: Date.now() });
  await writeFile(`${layout.connectionFile}.part`, text, { mode: 0o600 });
  await rename(`${layout.connectionFile}.part`, layout.connectionFile);
}

/** Waits until a condition holds and returns what it found; fails with `what` after the limit. */
export async function until<T>(
  what: string,
  find: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for: ${what}`);
    await delay(20);
  }
}

/** True while a process runs; one that ended and only waits for its parent does not. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await createProcessTable(process.platform).identify(pid)) !== undefined;
}

export async function readText(...path: string[]): Promise<string> {
  return readFile(join(...path), 'utf8');
}
