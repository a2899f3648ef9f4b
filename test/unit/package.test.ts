import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { eagerSize, outputOf } from '../../scripts/lib/metafile.ts';
import { root } from '../../scripts/lib/paths.ts';
import { packageExtension } from '../../scripts/lib/vsix.ts';
import { zipEntries } from '../support/zipEntries.ts';

/** Everything that may be in the package; each line must be there at least once. */
const admitted = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/package\.json$/,
  /^extension\/readme\.md$/,
  /^extension\/changelog\.md$/,
  /^extension\/LICENSE\.txt$/,
  /^extension\/media\/[\w-]+\.svg$/,
  /^extension\/media\/walkthrough\/[\w-]+\.svg$/,
  /^extension\/media\/[\w-]+\.png$/,
  /^extension\/media\/[\w.-]+\.json$/,
  /^extension\/dist\/licenses\.txt$/,
  /^extension\/dist\/cli\/main\.js$/,
  /^extension\/dist\/editor\/extension\.js$/,
  /^extension\/dist\/editor\/(checkWorker|fileThread)\.js$/,
  /^extension\/dist\/editor\/[\w.-]+-[A-Z0-9]{8}\.js$/,
  /^extension\/dist\/payloads\/[\w-]+\.(?:py|sh)$/,
  /^extension\/dist\/pipeline\/courier\.js$/,
  /^extension\/dist\/sandbox\/main\.js$/,
  /^extension\/dist\/sandbox\/pilot\.js$/,
  /^extension\/dist\/shared\/fileThread\.js$/,
  /^extension\/dist\/shared\/[\w.-]+-[A-Z0-9]{8}\.js$/,
  /^extension\/dist\/webview\/panel\.(js|css)$/,
  /^extension\/dist\/webview\/usage\.js$/,
  /^extension\/dist\/webview\/fits\.(js|css)$/,
  /^extension\/dist\/webview\/summary\.(js|css)$/,
  /^extension\/dist\/webview\/codicon\.(css|ttf)$/,
];

describe('the package', () => {
  let folder: string;
  let vsix: string;
  let entries: string[];
  let editor: Metafile;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'desc-panda-package-'));
    vsix = join(folder, 'desc-panda.vsix');
    editor = (await packageExtension(vsix)).editor;
    entries = zipEntries(vsix);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what is admitted and nothing else', () => {
    const strangers = entries.filter((name) => !admitted.some((pattern) => pattern.test(name)));
    assert.deepEqual(strangers, []);
  });

  it('lacks nothing', () => {
    const missing = admitted.filter((pattern) => !entries.some((name) => pattern.test(name)));
    assert.deepEqual(missing, []);
  });

  it('is smaller than 2 MB', () => {
    assert.ok(statSync(vsix).size < 2e6, `${statSync(vsix).size} bytes`);
  });

  it('loads less than 60 kB at activation', () => {
    const size = eagerSize(editor, outputOf(editor, 'src/editor/extension.ts'));
    assert.ok(size < 60e3, `${size} bytes`);
  });

  it('holds every file that its manifest names', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.ok(typeof manifest === 'object' && manifest !== null);
    const { main, icon, bin, contributes } = manifest as Record<string, unknown>;
    const named = textsIn([main, icon, bin, contributes]).filter((text) =>
      /^(\.\/|media\/|dist\/)/.test(text),
    );
    assert.ok(named.length > 3, 'the manifest names its files');
    const missing = named.filter((name) => !entries.includes(`extension/${name.replace(/^\.\//, '')}`));
    assert.deepEqual(missing, []);
  });
});

/** Every text in a value of JSON. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
