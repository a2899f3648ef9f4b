import { catalogCommand } from '../catalog/commandTable.ts';
import { physicsCommand } from './physicsTable.ts';

const RECOGNISE_BYTES = 64 * 1024;
const MOST_LINES = 200;

/** Whether a file is a physics override file: two commands of one, or nothing but them. */
export function recogniseCommandFile(content: Uint8Array): boolean {
  const head = content.subarray(0, RECOGNISE_BYTES);
  if (head.includes(0)) return false;
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  const lines = text
    .split('\n')
    .map((line) => line.replace(/#.*$/u, '').trim())
    .filter((line) => line !== '')
    .slice(0, MOST_LINES);
  if (!lines.every((line) => /^[A-Za-z_]\w*(?:\s+[^\s=;{}()[\]"']+)*$/u.test(line))) return false;
  const names = lines.map((line) => line.split(/\s+/u, 1)[0] ?? '');
  if (names.includes('object') || names.includes('includeobj')) return false;
  const known = names.filter((name) => physicsCommand(name) !== undefined).length;
  const others = names.filter((name) => catalogCommand(name) !== undefined).length;
  return known >= 2 ? known > others : known === 1 && names.length === 1;
}
