import { catalogCommand } from '../catalog/commandTable.ts';
import { withoutMark } from '../../readBytes.ts';
import { physicsCommand } from './physicsTable.ts';

const RECOGNISE_BYTES = 64 * 1024;
const MOST_LINES = 200;

/** What a visit is told by: a file that says it is a catalog, whatever else it holds. */
const OF_CATALOGS: readonly string[] = [
  'rightascension',
  'declination',
  'obshistid',
  'filter',
  'mjd',
  'includeobj',
  'object',
];

/** Whether a file is a physics override file: two commands of one, or one and nothing that phoSim does not know. */
export function recogniseCommandFile(content: Uint8Array): boolean {
  const head = content.subarray(0, RECOGNISE_BYTES);
  if (head.includes(0)) return false;
  const bytes = withoutMark(head);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const lines = text
    .split('\n')
    .map((line) => line.replace(/#.*$/u, '').trim())
    .filter((line) => line !== '')
    .slice(0, MOST_LINES);
  if (!lines.every((line) => /^[A-Za-z_]\w*(?:\s+[^\s=;{}()[\]"']+)*$/u.test(line))) return false;
  const names = lines.map((line) => line.split(/\s+/u, 1)[0] ?? '');
  const ofCatalog = names.filter((name) => catalogCommand(name) !== undefined);
  if (ofCatalog.some((name) => OF_CATALOGS.includes(catalogCommand(name)?.name ?? ''))) return false;
  const own = names.filter(
    (name) => physicsCommand(name) !== undefined && catalogCommand(name) === undefined,
  );
  return own.length >= 2 || (own.length === 1 && own.length + ofCatalog.length === names.length);
}
