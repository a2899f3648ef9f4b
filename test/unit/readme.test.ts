import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly { readonly title: string; readonly category?: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
  };
}

describe('the README', () => {
  const readme = read('README.md');
  const manifest = JSON.parse(read('package.json')) as Manifest;

  it('names every setting with its default, and no other', () => {
    const rows = [...readme.matchAll(/^\| `(descPanda\.[\w.]+)` \| (?:`([^`]*)`)? *\|/gm)];
    const named = new Map(rows.map(([, name = '', value]) => [name, value ?? '']));
    const shown = (value: unknown): string =>
      typeof value === 'object' ? '' : JSON.stringify(value).replaceAll('"', '');
    const settings = Object.entries(manifest.contributes.configuration.properties);
    assert.deepEqual(
      [...named].sort(),
      settings.map(([name, { default: value }]) => [name, shown(value)]).sort(),
    );
  });

  it('names commands by their titles', () => {
    const titles = new Set(
      manifest.contributes.commands.map(({ title, category }) => `${category ?? ''}: ${title}`),
    );
    const named = [...readme.matchAll(/\*\*(PanDA: [^*]+)\*\*/g)].map(([, name = '']) => name);
    assert.notEqual(named.length, 0);
    assert.deepEqual(
      named.filter((name) => !titles.has(name)),
      [],
    );
  });

  it('names scripts that exist', () => {
    const named = [...readme.matchAll(/npm (?:run )?(start|test|package|bench|check)\b/g)];
    assert.deepEqual(
      named.filter(([, name = '']) => manifest.scripts[name] === undefined),
      [],
    );
  });
});
