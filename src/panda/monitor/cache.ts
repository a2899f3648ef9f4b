import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../wire/envelope.ts';

/** Answers of monitors, kept by their address. A disk that cannot be read or written is as good as none: nothing rejects. */
export interface MonitorCache {
  /** Undefined where there is none, or none that is still good. */
  get(url: string): Promise<KeptAnswer | undefined>;
  /** `until`: epoch milliseconds; null for what never changes. */
  set(url: string, value: unknown, until: number | null): Promise<void>;
}

export interface KeptAnswer {
  readonly value: unknown;
  /** When it came, epoch milliseconds. */
  readonly storedAt: number;
}

export interface MonitorCacheLimits {
  readonly files: number;
  readonly bytes: number;
  /** A larger answer is not kept, bytes. */
  readonly entryBytes: number;
}

const LIMITS: MonitorCacheLimits = { files: 4_000, bytes: 64 * 1024 * 1024, entryBytes: 4 * 1024 * 1024 };
/** So many writes may go by before the size is looked at again. */
const WRITES_UNLOOKED = 50;

/**
 * A folder with one file for each answer, readable by its owner alone, shared by everything that runs on this machine.
 * What was written first goes when there is too much.
 */
export function createMonitorCache(
  folder: string,
  now: () => number,
  limits: MonitorCacheLimits = LIMITS,
): MonitorCache {
  let writes = 0;
  const pathOf = (url: string): string =>
    join(folder, `${createHash('sha256').update(url).digest('hex')}.json`);
  return {
    async get(url) {
      try {
        const path = pathOf(url);
        if ((await stat(path)).size > 2 * limits.entryBytes) return undefined;
        const entry: unknown = JSON.parse(await readFile(path, 'utf8'));
        if (!isObject(entry) || entry.url !== url) return undefined;
        const { value, storedAt, until } = entry;
        if (typeof storedAt !== 'number' || !isGood(storedAt, until, now())) return undefined;
        return { value, storedAt };
      } catch {
        return undefined;
      }
    },
    async set(url, value, until) {
      const text = JSON.stringify({ url, storedAt: now(), until, value });
      if (text.length > limits.entryBytes) return;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const path = pathOf(url);
        writes += 1;
        const partial = `${path}.${process.pid}-${writes}`;
        await writeFile(partial, text, { mode: 0o600 });
        await rename(partial, path);
        if (writes % WRITES_UNLOOKED === 1) await prune(folder, limits);
      } catch {
        // It is asked for again.
      }
    },
  };
}

/** What was kept in the future tells of a clock that was set back: how old it is cannot be said. */
function isGood(storedAt: number, until: unknown, now: number): boolean {
  if (until === null) return true;
  return typeof until === 'number' && storedAt <= now && now < until;
}

async function prune(folder: string, limits: MonitorCacheLimits): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      const facts = await stat(path).catch(() => undefined);
      return { path, size: facts?.size ?? 0, time: facts?.mtimeMs ?? 0 };
    }),
  );
  files.sort((a, b) => b.time - a.time);
  let bytes = 0;
  const surplus = files.filter(({ size }, index) => {
    bytes += size;
    return bytes > limits.bytes || index >= limits.files;
  });
  await Promise.all(surplus.map(({ path }) => rm(path, { force: true })));
}
