import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, opendir, readdir, realpath, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type {
  PresignedUrl,
  PutOptions,
  PutResult,
  ReadOptions,
  StagedContent,
  StagedDetails,
  StagedObject,
  StagingBody,
  StagingOptions,
  StagingStore,
} from '../api.ts';
import { localError, StagingError, systemCode } from '../errors.ts';
import { checkKey, checkPrefix } from '../keys.ts';
import { bodyPieces } from './body.ts';

/** Files on their way lie here, on the same disk; no key leads into it and no listing shows it. */
const UNDERWAY = '.underway';
const PIECE = 256 * 1024;
/** Readable by nobody else, as what is staged may be anything. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

export interface FolderStoreOptions {
  /** Epoch ms; the system's clock unless told. */
  readonly now?: () => number;
}

/**
 * Staging in a folder of this machine, made when first written to. Its URLs are `file://` ones that curl can GET and PUT;
 * they say when they expire as others do, but nothing enforces it. Neither keys nor symbolic links lead out of the folder.
 */
export function folderStore(folder: string, options: FolderStoreOptions = {}): StagingStore {
  return new FolderStore(resolve(folder), options.now ?? Date.now);
}

class FolderStore implements StagingStore {
  readonly parts = undefined;
  readonly #root: string;
  readonly #now: () => number;

  constructor(root: string, now: () => number) {
    this.#root = root;
    this.#now = now;
  }

  describe(): string {
    return `folder ${this.#root}`;
  }

  async put(key: string, body: StagingBody, options: PutOptions = {}): Promise<PutResult> {
    return this.#attempt(`put ${key} into ${this.describe()}`, async () => {
      const path = await this.#pathToWrite(key);
      const underway = join(this.#root, UNDERWAY, randomUUID());
      await mkdir(dirname(underway), { recursive: true, mode: FOLDER_MODE });
      try {
        const md5 = await writeNew(underway, body, options.signal);
        if (options.md5 !== undefined && options.md5 !== md5) throw otherBytes(key);
        await this.#moveTo(underway, path);
        return { md5 };
      } finally {
        await rm(underway, { force: true });
      }
    });
  }

  async get(key: string, options: ReadOptions = {}): Promise<StagedContent> {
    return this.#attempt(`read ${key} of ${this.describe()}`, async () => {
      const handle = await this.#open(key);
      try {
        const { size, mtimeMs } = await handle.stat();
        const etag = etagOf(size, mtimeMs);
        if (options.etag !== undefined && options.etag !== etag) throw changedMeanwhile(key);
        const { from = 0, length = size } = options.range ?? {};
        const bytes = readAndClose(handle, from, length, options.signal);
        return { length, etag, adler32: undefined, sha256: undefined, bytes };
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  async readRange(
    key: string,
    from: number,
    length: number,
    options: StagingOptions = {},
  ): Promise<{ bytes: Uint8Array; size: number }> {
    return this.#attempt(`read ${key} of ${this.describe()}`, async () => {
      const handle = await this.#open(key);
      try {
        const { size } = await handle.stat();
        options.signal?.throwIfAborted();
        const wanted = Math.max(0, Math.min(length, size - from));
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, from);
        return { bytes: buffer.subarray(0, bytesRead), size };
      } finally {
        await handle.close();
      }
    });
  }

  async head(key: string, options: StagingOptions = {}): Promise<StagedDetails | undefined> {
    options.signal?.throwIfAborted();
    return this.#attempt(`look at ${key} of ${this.describe()}`, async () => {
      let handle: FileHandle;
      try {
        handle = await this.#open(key);
      } catch (error) {
        if (error instanceof StagingError && error.kind === 'notFound') return undefined;
        throw error;
      }
      try {
        const { size, mtimeMs } = await handle.stat();
        const facts = { key, size, modified: mtimeMs, etag: etagOf(size, mtimeMs) };
        return { ...facts, adler32: undefined, sha256: undefined };
      } finally {
        await handle.close();
      }
    });
  }

  async *list(prefix: string, options: StagingOptions = {}): AsyncGenerator<StagedObject> {
    checkPrefix(prefix);
    const top = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    try {
      for await (const object of this.#walk(top, prefix, options.signal)) yield object;
    } catch (error) {
      throw localError(error, `list ${this.describe()}`);
    }
  }

  async remove(keys: readonly string[], options: StagingOptions = {}): Promise<void> {
    for (const key of keys) {
      options.signal?.throwIfAborted();
      await this.#attempt(`remove ${key} of ${this.describe()}`, async () => {
        const path = await this.#pathToRead(key);
        await unlink(path).catch(ignoreMissing);
        await this.#removeEmptyFolders(dirname(path));
      });
    }
  }

  async presign(method: 'GET' | 'PUT', key: string, seconds: number): Promise<PresignedUrl> {
    return this.#attempt(`make a URL for ${key} of ${this.describe()}`, async () => {
      // curl makes no folders.
      const path = method === 'PUT' ? await this.#pathToWrite(key) : await this.#pathToRead(key);
      return { url: pathToFileURL(path).href, expiresAt: this.#now() + seconds * 1000 };
    });
  }

  dispose(): void {
    // Holds nothing open.
  }

  async #attempt<T>(tried: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw localError(error, tried);
    }
  }

  async *#walk(at: string, prefix: string, signal: AbortSignal | undefined): AsyncGenerator<StagedObject> {
    const path = join(this.#root, ...at.split('/'));
    const directory = await opendir(path).catch(ignoreMissing);
    if (directory === undefined) return;
    for await (const entry of directory) {
      signal?.throwIfAborted();
      const key = at + entry.name;
      if (at === '' && entry.name === UNDERWAY) continue;
      if (entry.isDirectory() && (prefix.startsWith(`${key}/`) || `${key}/`.startsWith(prefix))) {
        yield* this.#walk(`${key}/`, prefix, signal);
      } else if (entry.isFile() && key.startsWith(prefix)) {
        const facts = await stat(join(path, entry.name)).catch(ignoreMissing);
        if (facts === undefined) continue;
        const { size, mtimeMs } = facts;
        yield { key, size, modified: mtimeMs, etag: etagOf(size, mtimeMs) };
      }
    }
  }

  /** The path of a key, its folder made. */
  async #pathToWrite(key: string): Promise<string> {
    const path = this.#pathOf(key);
    await mkdir(this.#root, { recursive: true, mode: FOLDER_MODE });
    // Checked before and after: a link on the way would have folders made elsewhere.
    await this.#mustBeInside(dirname(path));
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
    await this.#mustBeInside(dirname(path));
    return path;
  }

  async #pathToRead(key: string): Promise<string> {
    const path = this.#pathOf(key);
    await this.#mustBeInside(dirname(path));
    return path;
  }

  #pathOf(key: string): string {
    const segments = checkKey(key).split('/');
    if (segments[0] === UNDERWAY) throw outside(key);
    return join(this.#root, ...segments);
  }

  /** Refuses a folder that symbolic links lead out of ours; one that is not there yet counts by the nearest that is. */
  async #mustBeInside(folder: string): Promise<void> {
    const root = await realpath(this.#root).catch(ignoreMissing);
    if (root === undefined) return;
    for (let at = folder; ; at = dirname(at)) {
      const real = await realpath(at).catch(ignoreMissing);
      if (real === undefined && at !== this.#root) continue;
      const way = relative(root, real ?? root);
      if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) throw outside(folder);
      return;
    }
  }

  async #open(key: string): Promise<FileHandle> {
    try {
      const handle = await open(await this.#pathToRead(key), constants.O_RDONLY | constants.O_NOFOLLOW);
      if ((await handle.stat()).isFile()) return handle;
      await handle.close();
    } catch (error) {
      if (systemCode(error) === 'ELOOP') throw outside(key);
      if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw error;
    }
    throw new StagingError({
      kind: 'notFound',
      tried: `read ${key} of ${this.describe()}`,
      cameBack: 'it is not there',
      advice: 'Look what is there with desc-panda stage ls',
    });
  }

  async #moveTo(underway: string, path: string): Promise<void> {
    try {
      await rename(underway, path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      // A clean-up took the folder away as it was empty.
      await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
      await rename(underway, path);
    }
  }

  async #removeEmptyFolders(folder: string): Promise<void> {
    for (let at = folder; at !== this.#root && at.startsWith(this.#root); at = dirname(at)) {
      try {
        if ((await readdir(at)).length > 0) return;
        await rmdir(at);
      } catch (error) {
        if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
        return;
      }
    }
  }
}

async function writeNew(path: string, body: StagingBody, signal: AbortSignal | undefined): Promise<string> {
  const handle = await open(path, 'wx', FILE_MODE);
  const md5 = createHash('md5');
  try {
    for await (const bytes of bodyPieces(body)) {
      signal?.throwIfAborted();
      md5.update(bytes);
      await handle.writeFile(bytes);
    }
  } finally {
    await handle.close();
  }
  return md5.digest('hex');
}

async function* readAndClose(
  handle: FileHandle,
  from: number,
  length: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for (let done = 0; done < length;) {
      signal?.throwIfAborted();
      const wanted = Math.min(PIECE, length - done);
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, from + done);
      if (bytesRead === 0) return;
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

function etagOf(size: number, mtimeMs: number): string {
  return `${size}-${mtimeMs}`;
}

function ignoreMissing(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw error;
}

function otherBytes(key: string): StagingError {
  return new StagingError({
    kind: 'checksum',
    tried: `put ${key}`,
    cameBack: 'other bytes arrived than were summed before',
    advice: 'Send it again when nobody writes to it',
    passing: true,
  });
}

function changedMeanwhile(key: string): StagingError {
  return new StagingError({
    kind: 'changed',
    tried: `read ${key}`,
    cameBack: 'it was replaced meanwhile',
    advice: 'Read it again from the beginning',
  });
}

function outside(key: string): StagingError {
  return new StagingError({
    kind: 'badName',
    tried: `use the key ${key}`,
    cameBack: 'it leads out of the staging folder',
    advice: 'Choose another name',
  });
}
