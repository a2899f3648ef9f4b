import assert from 'node:assert/strict';
import type { Metafile } from 'esbuild';
import { eagerSize, outputOf } from '../../../scripts/lib/metafile.ts';

type Output = Metafile['outputs'][string];

const output = (bytes: number, imports: Output['imports'], entryPoint?: string): Output => ({
  bytes,
  imports,
  inputs: {},
  exports: [],
  ...(entryPoint === undefined ? {} : { entryPoint }),
});

const made: Metafile = {
  inputs: {},
  outputs: {
    'a.js': output(
      1,
      [
        { path: 'b.js', kind: 'import-statement' },
        { path: 'c.js', kind: 'dynamic-import' },
        { path: 'vscode', kind: 'import-statement', external: true },
      ],
      'src/a.ts',
    ),
    'b.js': output(10, [
      { path: 'a.js', kind: 'import-statement' },
      { path: 'd.js', kind: 'import-statement' },
    ]),
    'c.js': output(100, []),
    'd.js': output(1000, []),
  },
};

describe('the size of what an entry loads', () => {
  it('counts each piece it needs at once, not those of first use', () => {
    assert.equal(eagerSize(made, outputOf(made, 'src/a.ts')), 1011);
  });

  it('is not made up for an entry that was not built', () => {
    assert.throws(() => outputOf(made, 'src/other.ts'), /src\/other\.ts/);
  });
});
