import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FileSums } from '../checksums.ts';

/** Coarse clocks of file systems: what was written to so short ago may be written to again at the same time. */
const SETTLED_MS = 5000;
const KEPT_MS = 90 * 86_400_000;

/** Notes of the sums of large files, so that a file is not read again while its file system says that nobody wrote to it. */
export class SumNotes {
  readonly #folder: string | undefined;
  readonly #now: () => number;

  /** Without a folder nothing is noted. */
  constructor(folder: string | undefined, now: () => number) {
    this.#folder = folder === undefined ? undefined : join(folder, 'sums');
    this.#now = now;
  }

  /** Undefined where there is none, or the file is another one by now. */
  async read(path: string, facts: BigIntStats, partSize: number): Promise<FileSums | undefined> {
    const file = this.#fileOf(path);
    if (file === undefined) return undefined;
    try {
      const json: unknown = JSON.parse(await readFile(file, 'utf8'));
      return isNote(json) && json.of === identity(path, facts, partSize) ? json.sums : undefined;
    } catch {
      // Without a note the file is read.
      return undefined;
    }
  }

  /** `facts` are those from before the file was read, and still true. */
  async write(path: string, facts: BigIntStats, partSize: number, sums: FileSums): Promise<void> {
    const file = this.#fileOf(path);
    if (this.#folder === undefined || file === undefined) return;
    const changed = Math.max(Number(facts.mtimeMs), Number(facts.ctimeMs));
    if (this.#now() - changed < SETTLED_MS) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#removeOld(this.#folder);
    const text = JSON.stringify({ version: 1, of: identity(path, facts, partSize), sums });
    await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  async forget(path: string): Promise<void> {
    const file = this.#fileOf(path);
    if (file !== undefined) await rm(file, { force: true });
  }

  async #removeOld(folder: string): Promise<void> {
    for (const name of await readdir(folder)) {
      const file = join(folder, name);
      const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (mtimeMs < this.#now() - KEPT_MS) await rm(file, { force: true });
    }
  }

  #fileOf(path: string): string | undefined {
    if (this.#folder === undefined) return undefined;
    const hash = createHash('sha256').update(resolve(path)).digest('hex');
    return join(this.#folder, `${hash.slice(0, 32)}.json`);
  }
}

/** Changes whenever the file is written to, replaced, or given other times. */
function identity(path: string, facts: BigIntStats, partSize: number): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = facts;
  return [resolve(path), dev, ino, size, mtimeNs, ctimeNs, partSize].join(' ');
}

function isNote(json: unknown): json is { readonly of: string; readonly sums: FileSums } {
  if (typeof json !== 'object' || json === null) return false;
  const { version, of, sums } = json as Readonly<Record<string, unknown>>;
  if (version !== 1 || typeof of !== 'string' || typeof sums !== 'object' || sums === null) return false;
  const { checksums, partMd5 } = sums as Readonly<Record<string, unknown>>;
  if (typeof checksums !== 'object' || checksums === null || !Array.isArray(partMd5)) return false;
  const { size, adler32, sha256 } = checksums as Readonly<Record<string, unknown>>;
  return (
    typeof size === 'number' &&
    typeof adler32 === 'string' &&
    /^[0-9a-f]{8}$/.test(adler32) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    partMd5.every((md5) => typeof md5 === 'string' && /^[0-9a-f]{32}$/.test(md5))
  );
}
