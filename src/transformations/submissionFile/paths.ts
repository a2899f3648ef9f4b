import { isAbsolute, relative, resolve, sep } from 'node:path';

/** The files that a submission file names, as reading one needs them. */
export interface SubmissionDisk {
  /** The path without links; rejects where there is nothing. */
  realPath(path: string): Promise<string>;
  /** The first bytes of a regular file, and how it stands; rejects where it is none. */
  read(path: string, most: number): Promise<FileHead>;
}

export interface FileHead {
  readonly content: Uint8Array;
  /** Bytes of the whole. */
  readonly size: number;
  /** When it was last changed, epoch ms. */
  readonly modified: number;
}

export type FoundPath =
  { readonly kind: 'found'; readonly path: string } | { readonly kind: 'refused'; readonly why: string };

/**
 * Finds a file or folder that is named relative to a folder. Refused is what lies outside the folders given, by its name or through
 * a link: a submission file may come from anybody, and what it names is sent away.
 */
export async function findInside(
  name: string,
  folder: string,
  roots: readonly string[],
  disk: SubmissionDisk,
  what: 'file' | 'folder' = 'file',
): Promise<FoundPath> {
  if (/[\0-\u001f\u007f]/u.test(name)) {
    return {
      kind: 'refused',
      why: `The name of a file cannot hold control characters: ${JSON.stringify(name)}`,
    };
  }
  const path = resolve(folder, name);
  const outside: FoundPath = {
    kind: 'refused',
    why: `${name} lies outside ${roots.join(' and ')}: only files in there are sent`,
  };
  if (!isInside(path, roots)) return outside;
  try {
    const real = await disk.realPath(path);
    const realRoots = await Promise.all(roots.map((root) => disk.realPath(root)));
    return isInside(real, realRoots) ? { kind: 'found', path } : outside;
  } catch {
    return { kind: 'refused', why: `There is no ${what} ${name} (looked for at ${path})` };
  }
}

function isInside(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const way = relative(root, path);
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  });
}
