import type { CacheFile, InputFile } from '../../panda/index.ts';
import { openFile, ReadError } from '../readBytes.ts';
import { MAX_TARBALL, packInPieces, type TarballEntry } from '../tarball.ts';
import { MOST_BYTES, type TaskPlan } from './planTask.ts';

/** A file of a task's archive is not what it was, or cannot be read any more. */
export class TaskFileError extends Error {
  override readonly name = 'TaskFileError';
  readonly file: InputFile;

  constructor(file: InputFile, what: string, cause?: unknown) {
    super(`${file.name} ${what}`, { cause });
    this.file = file;
  }
}

/**
 * Reads the files of a task and packs its archive. The same content gives the same name, so that the cache need not be
 * sent it twice; as PanDA takes more of `sources.*` than of `jobO.*`, large ones are called so. Rejects with a
 * TaskFileError, or with the reason of the signal.
 */
export async function packTask(plan: TaskPlan, signal?: AbortSignal): Promise<CacheFile> {
  const entries: TarballEntry[] = [...plan.entries];
  let left = MOST_BYTES;
  for (const file of plan.files) {
    signal?.throwIfAborted();
    const entry = await readEntry(file, left);
    left -= entry.content.length;
    entries.push(entry);
  }
  const { content, sha256 } = await packInPieces(entries, signal);
  const kind = content.length < MAX_TARBALL ? 'jobO' : 'sources';
  return { name: `${kind}.${uuidOf(sha256)}.tar.gz`, content };
}

async function readEntry(file: InputFile, most: number): Promise<TarballEntry> {
  const open = await openFile(file.path).catch((error: unknown) => {
    throw new TaskFileError(file, 'cannot be read', error);
  });
  try {
    if (open.size > most) throw new TaskFileError(file, 'has become too large to go along');
    const content = await open.head(open.size);
    if (content.length !== open.size) throw new TaskFileError(file, 'changed while it was read');
    return { name: file.name, content, executable: open.executable || hasInterpreter(content) };
  } catch (error) {
    throw error instanceof ReadError ? new TaskFileError(file, 'cannot be read', error) : error;
  } finally {
    await open.close();
  }
}

/** There are systems that do not say which files may be run. */
function hasInterpreter(content: Uint8Array): boolean {
  return content[0] === 0x23 && content[1] === 0x21;
}

/** In the form of a version 8 UUID, which leaves the bits to whoever makes it. */
function uuidOf(sha256: string): string {
  const [a, b, c, d, e] = [
    sha256.slice(0, 8),
    sha256.slice(8, 12),
    sha256.slice(13, 16),
    sha256.slice(17, 20),
    sha256.slice(20, 32),
  ];
  return `${a}-${b}-8${c}-a${d}-${e}`;
}
