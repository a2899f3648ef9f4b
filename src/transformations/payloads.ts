import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheFile } from '../panda/index.ts';

/** Reads a payload script by its file name, `hello-panda.sh`. */
export type ReadPayload = (name: string) => Uint8Array;

/** Reads payload scripts that lie side by side in one folder, as the build leaves them in `dist/payloads`. */
export function payloadFolderReader(folder: string): ReadPayload {
  return (name) => readFileSync(join(folder, name));
}

/** A payload script under a name that tells its content: `hello-panda-1a2b3c4d5e6f.sh`. */
export function payloadFile(name: string, read: ReadPayload): CacheFile {
  const content = read(name);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { name: `${name.replace(/\.sh$/u, '')}-${hash}.sh`, content };
}
