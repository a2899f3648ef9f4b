import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** Bytes of a file that another names: people write them by hand. */
const MOST = 1024 * 1024;

/** Gives the texts of small files by their paths, relative to a folder or absolute; undefined for what cannot be read. */
export function readBeside(folder: string): (path: string) => string | undefined {
  return (path) => {
    try {
      const file = resolve(folder, path);
      const facts = statSync(file);
      return facts.isFile() && facts.size <= MOST ? readFileSync(file, 'utf8') : undefined;
    } catch {
      return undefined;
    }
  };
}
