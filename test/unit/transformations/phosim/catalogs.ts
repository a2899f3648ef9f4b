import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCatalog } from '../../../../src/transformations/index.ts';
import type { CatalogReport, CheckOptions } from '../../../../src/transformations/index.ts';

export const HEAD = 'rightascension 53.0\ndeclination -27.4\nfilter 2\nobshistid 1\n';

/** An object line that is right, with some of its fields replaced by their number, `object` being 0. */
export function object(
  id: number | string,
  fields: Readonly<Record<number, string>> = {},
  tail = 'none none',
): string {
  const words = ['object', String(id), '53.0', '-27.4', '20.0', '../sky/sed_flat.txt', ...'000000', 'point'];
  for (const [index, word] of Object.entries(fields)) words[Number(index)] = word;
  return `${words.join(' ')} ${tail}\n`;
}

/** Runs a test in a folder of its own with these files. */
export async function inFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    await test(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Checks a text that is in no file. */
export function checkText(text: string | Uint8Array, options?: CheckOptions): Promise<CatalogReport> {
  const content = typeof text === 'string' ? Buffer.from(text) : text;
  return checkCatalog({ path: '/nowhere/cat.txt', content }, options);
}

/** `line:column severity code` of each finding. */
export function findings({ diagnostics }: Pick<CatalogReport, 'diagnostics'>): string[] {
  return diagnostics.map(
    ({ line, column, endColumn, severity, code }) =>
      `${line}${column === undefined ? '' : `:${column}-${endColumn}`} ${severity} ${code}`,
  );
}
