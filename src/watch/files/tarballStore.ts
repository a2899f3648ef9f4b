import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbort, PandaError } from '../../panda/index.ts';
import { localError } from '../../staging/index.ts';
import type { JobFile, JobFiles } from './jobFiles.ts';
import { listTarball, TAR_LIMITS, unpackMember } from './tarball.ts';
import type { TarContents, TarLimits } from './tarball.ts';

interface Abortable {
  readonly signal?: AbortSignal;
}

export interface TarballLimits extends TarLimits {
  /** A larger tarball is not fetched, bytes. */
  readonly packed: number;
  /** What is kept on this disk, bytes. */
  readonly kept: number;
}

const LIMITS: TarballLimits = { ...TAR_LIMITS, packed: 128 * 1024 ** 2, kept: 512 * 1024 ** 2 };
const PIECE = 8 * 1024 ** 2;

/** Logs that came as tarballs: fetched once into a folder, of which what was used longest ago goes. */
export interface TarballStore {
  /** True where the tarball is here already. */
  has(tarball: JobFile): Promise<boolean>;
  members(tarball: JobFile, options: Abortable): Promise<TarContents>;
  /** Bytes `[from, from+length)` of a member, which is unpacked for it, and its size. */
  read(
    tarball: JobFile,
    member: string,
    from: number,
    length: number,
    options: Abortable,
  ): Promise<{ readonly bytes: Uint8Array; readonly size: number }>;
}

/** `source` reads the tarballs themselves. */
export function createTarballStore(
  folder: string,
  source: Pick<JobFiles, 'read'>,
  limits: TarballLimits = LIMITS,
): TarballStore {
  const local = new LocalFiles(folder, limits.kept);
  const fetched = (tarball: JobFile, options: Abortable): Promise<string> =>
    local.get(keyOf(tarball), options, (path) => fetchWhole(source, tarball, path, limits.packed, options));
  return {
    has: (tarball) => local.has(keyOf(tarball)),
    members: async (tarball, { signal }) =>
      listTarball(await fetched(tarball, signal === undefined ? {} : { signal }), limits, signal),
    async read(tarball, member, from, length, options) {
      const path = await local.get(keyOf(tarball, member), options, async (target) =>
        unpackMember(await fetched(tarball, options), member, target, limits, options.signal),
      );
      return readPart(path, from, length);
    },
  };
}

/** A tarball of another size or time is another one, as PandaIDs of a sandbox come again. */
function keyOf({ url, size, modified }: JobFile, member = ''): string {
  return createHash('sha256')
    .update(JSON.stringify([url, size, modified, member]))
    .digest('hex');
}

/** Files of this disk by key, made when they are first asked for. */
class LocalFiles {
  readonly #folder: string;
  readonly #most: number;
  readonly #making = new Map<string, Promise<string>>();
  #count = 0;

  constructor(folder: string, most: number) {
    this.#folder = folder;
    this.#most = most;
  }

  async has(key: string): Promise<boolean> {
    return (await stat(join(this.#folder, key)).catch(() => undefined)) !== undefined;
  }

  async get(key: string, { signal }: Abortable, make: (path: string) => Promise<void>): Promise<string> {
    for (let making = this.#making.get(key); making !== undefined; making = this.#making.get(key)) {
      try {
        return await making;
      } catch (error) {
        signal?.throwIfAborted();
        // Who made it was stopped: somebody else still wants it.
        if (!isAbort(error)) throw error;
      }
    }
    const made = this.#get(key, make).finally(() => this.#making.delete(key));
    this.#making.set(key, made);
    return made;
  }

  async #get(key: string, make: (path: string) => Promise<void>): Promise<string> {
    const path = join(this.#folder, key);
    if (await this.has(key)) {
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
      return path;
    }
    this.#count += 1;
    const partial = `${path}.${process.pid}-${this.#count}`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await make(partial);
      await rename(partial, path);
      await this.#prune(key);
      return path;
    } catch (error) {
      await rm(partial, { force: true });
      throw localError(error, 'keep the log on this disk');
    }
  }

  async #prune(newest: string): Promise<void> {
    const files = await Promise.all(
      (await readdir(this.#folder)).map(async (name) => {
        const facts = await stat(join(this.#folder, name)).catch(() => undefined);
        return { name, size: facts?.size ?? 0, time: name === newest ? Infinity : (facts?.mtimeMs ?? 0) };
      }),
    );
    files.sort((a, b) => b.time - a.time);
    let bytes = 0;
    for (const { name, size } of files) {
      bytes += size;
      const isWanted = name === newest || this.#making.has(name.split('.', 1)[0] ?? '');
      if (bytes > this.#most && !isWanted) await rm(join(this.#folder, name), { force: true });
    }
  }
}

async function fetchWhole(
  source: Pick<JobFiles, 'read'>,
  tarball: JobFile,
  path: string,
  most: number,
  options: Abortable,
): Promise<void> {
  const failed = (kind: PandaError['kind'], cameBack: string, advice: string): PandaError =>
    new PandaError({ kind, tried: `fetch the log ${tarball.name}`, cameBack, advice });
  const handle = await open(path, 'w', 0o600);
  try {
    for (let at = 0; ;) {
      const { bytes, size } = await source.read(tarball, at, PIECE, options);
      options.signal?.throwIfAborted();
      if (size > most)
        throw failed('rejected', `it has ${size} bytes, at most ${most} are fetched`, 'Download it');
      await handle.writeFile(bytes);
      at += bytes.length;
      if (at >= size) return;
      if (bytes.length === 0) throw failed('protocol', `only ${at} of ${size} bytes came`, 'Try again');
    }
  } finally {
    await handle.close();
  }
}

async function readPart(
  path: string,
  from: number,
  length: number,
): Promise<{ readonly bytes: Uint8Array; readonly size: number }> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - from)));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    return { bytes: buffer.subarray(0, bytesRead), size };
  } finally {
    await handle.close();
  }
}
