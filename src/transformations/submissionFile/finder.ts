import { findInside } from './paths.ts';
import type { FileHead, SubmissionDisk } from './paths.ts';
import type { NotedProblems } from './problems.ts';

/** Finds files by the names written, notes what cannot be found, and remembers the rest. */
export class Finder {
  /** Absolute paths by the names written. */
  readonly paths = new Map<string, string>();
  readonly #folder: string;
  readonly #roots: readonly string[];
  readonly #disk: SubmissionDisk;
  readonly #problems: NotedProblems;

  constructor(
    { folder, roots, disk }: { folder: string; roots: readonly string[]; disk: SubmissionDisk },
    problems: NotedProblems,
  ) {
    this.#folder = folder;
    this.#roots = roots;
    this.#disk = disk;
    this.#problems = problems;
  }

  async find(name: string, where: string): Promise<string | undefined> {
    const known = this.paths.get(name);
    if (known !== undefined) return known;
    const found = await findInside(name, this.#folder, this.#roots, this.#disk);
    if (found.kind === 'refused') {
      this.#problems.note(where, found.why);
      return undefined;
    }
    this.paths.set(name, found.path);
    return found.path;
  }

  /** The first bytes of a file; undefined where it cannot be read, which is noted. */
  async read(
    name: string,
    where: string,
    most: number,
  ): Promise<(FileHead & { readonly path: string }) | undefined> {
    const path = await this.find(name, where);
    if (path === undefined) return undefined;
    try {
      return { path, ...(await this.#disk.read(path, most)) };
    } catch (error) {
      this.#problems.note(
        where,
        `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      );
      return undefined;
    }
  }
}
