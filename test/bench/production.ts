import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { buildIfStale } from '../../scripts/lib/build.ts';
import { cache } from '../../scripts/lib/paths.ts';

/** What users get, built apart from `dist`. */
export const productionFolder = join(cache, 'bench-dist');

export async function buildForProduction(): Promise<void> {
  await buildIfStale({ production: true, folder: productionFolder });
}

export function metafile(bundle: string): Metafile {
  return JSON.parse(readFileSync(join(productionFolder, 'meta', `${bundle}.json`), 'utf8')) as Metafile;
}
