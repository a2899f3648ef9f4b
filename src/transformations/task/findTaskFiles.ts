import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { InputFile } from '../../panda/index.ts';
import { ignoreRulesOf, type IgnoreRules } from './ignoreRules.ts';

/** The files of a folder that go along with a task, for its archive and to be shown before. */
export interface TaskFiles {
  /** By name; names are below the folder. */
  readonly files: readonly InputFile[];
  /** What stays behind, with the reason; a folder as a whole ends in a slash. */
  readonly leftOut: readonly LeftOut[];
  /** There is more in the folder than is looked at. */
  readonly isCut: boolean;
}

export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

export interface FindOptions {
  /** Bytes of a single file. */
  readonly largest?: number;
  /** Names that are looked at. */
  readonly mostNames?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Larger files are data rather than programs. */
const LARGEST = 10 * 1024 * 1024;
const MOST_NAMES = 20_000;

/**
 * Finds the files that a task takes along from a folder: as PanDA's own client none that begin with a dot, no object files
 * and libraries, no ROOT files and none that are large; nor what `.gitignore` leaves out, or what a link brings in from
 * elsewhere. Rejects where the folder cannot be read.
 */
export async function findTaskFiles(folder: string, options: FindOptions = {}): Promise<TaskFiles> {
  const walk = new Walk(await realpath(folder), options);
  await walk.into('', await ignoreRulesOf(walk.root));
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
    a.name < b.name ? -1 : 1;
  return {
    files: walk.files.toSorted(byName),
    leftOut: walk.leftOut.toSorted(byName),
    isCut: walk.isCut,
  };
}

class Walk {
  readonly root: string;
  readonly files: InputFile[] = [];
  readonly leftOut: LeftOut[] = [];
  isCut = false;
  readonly #largest: number;
  readonly #signal: AbortSignal | undefined;
  #left: number;

  constructor(root: string, { largest = LARGEST, mostNames = MOST_NAMES, signal }: FindOptions) {
    this.root = root;
    this.#largest = largest;
    this.#left = mostNames;
    this.#signal = signal;
  }

  /** `prefix` is the way from the root, with a slash at its end. */
  async into(prefix: string, rules: IgnoreRules): Promise<void> {
    this.#signal?.throwIfAborted();
    const entries = await this.#read(prefix);
    for (const entry of entries) {
      if (this.#left === 0) {
        this.isCut = true;
        return;
      }
      this.#left -= 1;
      const name = prefix + entry.name;
      const path = join(this.root, name);
      const reason = reasonOf(entry) ?? (rules.ignores(path, entry.isDirectory()) ? IGNORED : undefined);
      if (reason !== undefined) this.#leave(entry.isDirectory() ? `${name}/` : name, reason);
      else if (entry.isDirectory()) await this.into(`${name}/`, await rules.below(path));
      else await this.#take(name, path, entry.isSymbolicLink());
    }
  }

  async #read(prefix: string): Promise<readonly Dirent[]> {
    try {
      return await readdir(join(this.root, prefix), { withFileTypes: true });
    } catch (error) {
      if (prefix === '') throw error;
      this.#leave(prefix, 'it cannot be read');
      return [];
    }
  }

  async #take(name: string, path: string, isLink: boolean): Promise<void> {
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined) this.#leave(name, isLink ? 'the link leads nowhere' : 'it cannot be read');
    else if (facts.isDirectory()) this.#leave(name, 'it is a link to a folder');
    else if (!facts.isFile()) this.#leave(name, 'it is not a file');
    else if (isLink && !(await this.#isInside(path))) this.#leave(name, 'the link leads out of the folder');
    else if (facts.size > this.#largest) {
      this.#leave(name, `it is larger than ${Math.round(this.#largest / 1024 ** 2)} MB`);
    } else this.files.push({ name, path, size: facts.size, modified: facts.mtimeMs });
  }

  async #isInside(path: string): Promise<boolean> {
    const way = relative(this.root, await realpath(path).catch(() => '/'));
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  }

  #leave(name: string, reason: string): void {
    this.leftOut.push({ name, reason });
  }
}

const IGNORED = '.gitignore leaves it out';

/** Why its name alone keeps a file at home. */
function reasonOf(entry: Dirent): string | undefined {
  const { name } = entry;
  if (name.startsWith('.')) return 'its name begins with a dot';
  if (!name.isWellFormed() || /[\u0000-\u001f\u007f\ufffd]/u.test(name)) return 'its name is not plain text';
  if (entry.isDirectory()) return undefined;
  if (/\.(?:o|a|so)$/u.test(name)) return 'it was compiled for this machine';
  return /\.root(?:\.\d+)*$/u.test(name) ? 'it is a ROOT file' : undefined;
}
