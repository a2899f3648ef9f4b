import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheFile } from '../panda/index.ts';

/** Reads a file for the worker node by its name, `hello-panda.sh`. */
export type ReadPayload = (name: string) => Uint8Array;

/** Reads files for the worker node that lie side by side in one folder, as the build leaves them in `dist/payloads`. */
export function payloadFolderReader(folder: string): ReadPayload {
  return (name) => readFileSync(join(folder, name));
}

/** What all payload scripts begin with; a part may define its functions anew. */
const WRAPPER = [
  'wrapper.sh',
  'wrapper-report.sh',
  'wrapper-transfer.sh',
  'wrapper-manifest.sh',
  'wrapper-staging.sh',
  'wrapper-run.sh',
] as const;

/** Scripts that were put together, by whom they were read: a submission of 10,000 jobs asks for the same one each time. */
const made = new WeakMap<ReadPayload, Map<string, CacheFile>>();

/**
 * The wrapper and the part of one transformation as one script, under a name that tells its content:
 * `hello-panda-1a2b3c4d5e6f.sh`.
 */
export function payloadFile(part: string, read: ReadPayload): CacheFile {
  const known = made.get(read) ?? new Map<string, CacheFile>();
  made.set(read, known);
  const file = known.get(part) ?? makePayload(part, read);
  known.set(part, file);
  return file;
}

function makePayload(part: string, read: ReadPayload): CacheFile {
  const texts = [...WRAPPER, part].map((name) => Buffer.from(read(name)).toString());
  const content = Buffer.from(`${texts.join('\n')}\nmain "$@"\n`);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { name: `${part.replace(/\.sh$/u, '')}-${hash}.sh`, content };
}
