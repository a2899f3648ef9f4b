import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReadPayload } from '../../../src/transformations/index.ts';

const ROOT = fileURLToPath(new URL('../../../src/transformations', import.meta.url));

/** All files for the worker node in the source tree, where each lies beside the code that submits it. */
export const payloadPaths: readonly string[] = globSync('*/*.{sh,py}', { cwd: ROOT }).map((path) =>
  join(ROOT, path),
);

export const readPayloadSource: ReadPayload = (name) => {
  const path = payloadPaths.find((one) => basename(one) === name);
  if (path === undefined) throw new Error(`no such payload: ${name}`);
  return readFileSync(path);
};
