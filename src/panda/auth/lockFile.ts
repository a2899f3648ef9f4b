import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { systemCode } from '../errors/systemCode.ts';
import type { RetryTools } from '../http/retry.ts';

/** Waiting for a lock needs these. */
export type LockTools = Pick<RetryTools, 'now' | 'delay'>;

const LOOK_EVERY_MS = 100;
/** A lock is held for the time of one refresh; one that stays the same for so long was left behind, ms. */
const LEFT_BEHIND_MS = 60_000;

/**
 * Runs `run` while no other process does that uses the same lock file, on whatever machine: homes are shared. A file that
 * must not exist is the one lock that network file systems know. One whose process has ended, or that stays for a minute,
 * is taken over.
 */
export async function withLockFile<T>(
  file: string,
  tools: LockTools,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const mark = `${process.pid} ${hostname()} ${randomUUID()}`;
  await take(file, mark, tools, signal);
  try {
    return await run();
  } finally {
    if ((await contentOf(file)) === mark) await rm(file, { force: true });
  }
}

async function take(
  file: string,
  mark: string,
  tools: LockTools,
  signal: AbortSignal | undefined,
): Promise<void> {
  let seen: { readonly holder: string; readonly since: number } | undefined;
  for (;;) {
    signal?.throwIfAborted();
    if (await create(file, mark)) return;
    const holder = await contentOf(file);
    const now = tools.now();
    if (holder === undefined) continue;
    if (seen?.holder !== holder || now < seen.since) seen = { holder, since: now };
    if (hasEnded(holder) || now - seen.since > LEFT_BEHIND_MS) await takeAway(file, holder);
    else await tools.delay(LOOK_EVERY_MS, signal);
  }
}

async function create(file: string, mark: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(mark);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** What stands in the lock; undefined where there is none. One that is just being written is empty. */
async function contentOf(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    return text === '' ? `unwritten ${(await stat(file)).mtimeMs}` : text;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Moved away first, so that of several who see the same old lock one takes it. */
async function takeAway(file: string, holder: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  // Somebody else may have been quicker, and what was moved is a new lock: then it goes back.
  if ((await contentOf(aside)) === holder) await rm(aside, { force: true });
  else await rename(aside, file);
}

function hasEnded(holder: string): boolean {
  const [pid, host] = holder.split(' ');
  if (host !== hostname() || !/^\d+$/.test(pid ?? '')) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}
