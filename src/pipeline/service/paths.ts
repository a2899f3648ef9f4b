import { isAbsolute, normalize, relative, sep } from 'node:path';

/** Whether a path is a folder or lies below it, compared by its parts: `/a/bc` is not below `/a/b`. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

const LONGEST_NAME = 1000;

/** The name of a file below a folder, made plain; undefined for one that leads out of it, or to the folder itself. */
export function nameBelow(name: string): string | undefined {
  if (name.length > LONGEST_NAME || /[\u0000-\u001f\u007f\\]/u.test(name) || !name.isWellFormed())
    return undefined;
  if (name.split('/').includes('..') || isAbsolute(name)) return undefined;
  const plain = normalize(name);
  return plain === '.' || plain === '' || plain.endsWith('/') ? undefined : plain;
}

/** The root that a path is in; undefined where it is in none, or is no absolute path. */
export function rootOf(path: string, roots: readonly string[]): string | undefined {
  if (!isAbsolute(path) || normalize(path) !== path.replace(/\/+$/u, '') || path.includes('\0'))
    return undefined;
  return roots.find((root) => isBelow(root, path) && relative(root, path) !== '');
}
