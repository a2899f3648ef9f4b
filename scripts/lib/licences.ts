import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

/** The licences of all packages whose files went into a bundle, as their authors ask; inputs are paths from the root. */
export function licenceTexts(inputs: Iterable<string>): string {
  const packages = new Set(['node_modules/@vscode/codicons']);
  for (const input of inputs) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder !== undefined) packages.add(folder);
  }
  return [...packages].sort().map(licenceText).join('\n');
}

function licenceText(folder: string): string {
  const path = join(root, folder);
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Record<
    string,
    string | undefined
  >;
  const file = readdirSync(path).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(path, file), 'utf8').trim();
  return `${'='.repeat(80)}\n${name ?? folder} ${version ?? ''} (${license ?? 'see below'})\n\n${text}\n`;
}
