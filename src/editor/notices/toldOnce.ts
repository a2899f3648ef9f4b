import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Windows are not told of each other's submissions after so long (ms), when what was told is forgotten. */
const KEPT_MS = 30 * 86_400_000;

/**
 * Of all windows that know of something, one tells it: a file of its name is made by the first. `folder` is shared by the
 * windows. The answer is true for the first that asks about `name`, and where that cannot be known: better twice than never.
 */
export function createToldOnce(folder: string, now: () => number): (name: string) => Promise<boolean> {
  let pruning: Promise<void> | undefined;
  return async (name) => {
    const file = join(folder, createHash('sha256').update(name).digest('hex').slice(0, 32));
    try {
      await mkdir(folder, { recursive: true });
      await (await open(file, 'wx', 0o600)).close();
    } catch (error) {
      return !(error instanceof Error && 'code' in error && error.code === 'EEXIST');
    }
    pruning ??= prune(folder, now() - KEPT_MS).catch(() => undefined);
    await pruning;
    return true;
  };
}

async function prune(folder: string, before: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (mtimeMs < before) await rm(path, { force: true });
  }
}
