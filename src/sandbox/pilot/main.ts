/** The sandbox's pilot process: takes jobs from the server named in `sandbox.json` and runs them. */
import { setMaxListeners } from 'node:events';
import { cpus, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { takeLock, type FolderLock } from '../folderLock.ts';
import { sandboxLayout } from '../layout.ts';
import type { PilotContext } from './desk.ts';
import { createHttp } from './http.ts';
import type { Log } from './jobLog.ts';
import { runPilot } from './pilot.ts';
import { createProcessTable } from './processTable.ts';
import { createServerLink } from './serverLink.ts';
import { parsePilotSettings, type PilotSettings } from './settings.ts';
import { makePrivateFolder } from './stageOut.ts';

/** Time the last words of jobs get when the pilot is told to stop, beyond the grace of their payloads. */
const LAST_WORDS_MS = 5_000;
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 100;

/** Whoever started the pilot keeps what it says, and dates it. */
const log: Log = {
  line: (text) => process.stderr.write(`${text}\n`),
  close: () => undefined,
};

async function readSettings(): Promise<PilotSettings> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    const settings = parsePilotSettings(line);
    if (settings.supervised) watchLifeline();
    return settings;
  }
  throw new Error('no settings came on stdin');
}

/** When whoever started us is gone, so are we; payloads run on for the next pilot, which the next server starts. */
function watchLifeline(): void {
  process.stdin.once('end', leave).once('error', leave).resume();
  function leave(): void {
    log.line('The sandbox is gone: leaving payloads to the next pilot');
    process.exit(0);
  }
}

/** One pilot per data folder; the one before may still be on its way out. */
async function lockFolder(file: string): Promise<FolderLock> {
  for (let tries = 0; tries < LOCK_TRIES; tries += 1) {
    const lock = takeLock(file);
    if (lock !== undefined) return lock;
    await delay(LOCK_PAUSE_MS);
  }
  throw new Error('another pilot serves this folder');
}

async function main(): Promise<void> {
  process.umask(0o077);
  const settings = await readSettings();
  const layout = sandboxLayout(settings.dataFolder);
  for (const folder of [layout.workFolder, layout.storageFolder]) await makePrivateFolder(folder);
  const lock = await lockFolder(join(layout.workFolder, 'pilot.lock'));
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // Every job listens to it.
  const onSignal = () => {
    log.line('Told to stop');
    stop.abort();
    setTimeout(() => process.exit(0), settings.graceSeconds * 1000 + LAST_WORDS_MS).unref();
  };
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal);

  const http = createHttp();
  const context: PilotContext = {
    settings,
    layout,
    http,
    link: createServerLink(layout.connectionFile, http),
    table: createProcessTable(process.platform),
    log,
    platform: process.platform,
    node: hostname(),
    user: userInfo().username,
    cpuModel: cpus()[0]?.model,
    now: Date.now,
    stopping: stop.signal,
  };
  log.line(`Pilot ${settings.version} with ${settings.slots} slots, process ${process.pid}`);
  await runPilot(context);
  http.dispose();
  lock.dispose();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    log.line(`Pilot ends: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
