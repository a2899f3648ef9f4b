import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ReadPayload } from '../../../src/transformations/index.ts';

const FOLDERS: Readonly<Record<string, string>> = { 'hello-panda.sh': 'hello', 'run-script.sh': 'script' };

/** Path of a payload script in the source tree, where each lies beside the code that submits it. */
export function payloadPath(name: string): string {
  const folder = FOLDERS[name];
  if (folder === undefined) throw new Error(`no such payload: ${name}`);
  return fileURLToPath(new URL(`../../../src/transformations/${folder}/${name}`, import.meta.url));
}

export const readPayloadSource: ReadPayload = (name) => readFileSync(payloadPath(name));
