import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of the program that was built into the folder `dist`. */
export function readVersion(dist: string): string {
  const facts: unknown = JSON.parse(readFileSync(join(dist, '..', 'package.json'), 'utf8'));
  const known = typeof facts === 'object' && facts !== null && 'version' in facts;
  return known && typeof facts.version === 'string' ? facts.version : 'unknown';
}
