import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { build } from './build.ts';
import { root } from './paths.ts';
import { runQuietly } from './runQuietly.ts';

/** What goes along besides `dist`; `.vscodeignore` then admits by name. */
const files = ['package.json', '.vscodeignore', 'README.md', 'CHANGELOG.md', 'LICENSE', 'media'];

/** The stage is built already, and everything it needs is in its bundles. */
const forDevelopment = new Set(['scripts', 'devDependencies', 'optionalDependencies', 'private']);

/** Builds for production in a folder apart, so that `dist` stays as it is, and packs that; returns what the bundles were made of. */
export async function packageExtension(vsixFile: string): Promise<{ readonly editor: Metafile }> {
  const stage = await mkdtemp(join(tmpdir(), 'desc-panda-vsix-'));
  try {
    for (const file of files.filter((name) => existsSync(join(root, name))))
      await cp(join(root, file), join(stage, file), { recursive: true });
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    const shipped = Object.entries(manifest).filter(([key]) => !forDevelopment.has(key));
    await writeFile(join(stage, 'package.json'), JSON.stringify(Object.fromEntries(shipped), undefined, 2));
    await build({ production: true, folder: join(stage, 'dist') });
    const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
    const args = [vsce, 'package', '--no-dependencies', '--out', vsixFile];
    await runQuietly(process.execPath, args, stage, 'Mend what vsce says above');
    return { editor: JSON.parse(await readFile(join(stage, 'dist/meta/editor.json'), 'utf8')) as Metafile };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
