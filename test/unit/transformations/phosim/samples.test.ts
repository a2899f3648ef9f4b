import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { checkCatalog, checkFile, recogniseCatalog } from '../../../../src/transformations/index.ts';

/*
 * The samples with what is expected of them. Where a rule of phoSim says more than the list, both hold: `objects.total` counts
 * the objects of the file itself, as the list does, and `objects.included` those of the include that is there.
 */
const samples = new URL('../../../fixtures/samples/', import.meta.url);

interface Expected {
  readonly detected: boolean;
  readonly visit?: Readonly<Record<string, unknown>>;
  readonly objects?: Readonly<Record<string, unknown>>;
  readonly includes?: readonly string[];
  readonly diagnostics: readonly {
    readonly line: number;
    readonly severity: string;
    readonly code: string;
  }[];
}

async function expectations(): Promise<[name: string, expected: Expected][]> {
  const text = await readFile(new URL('expected.json', samples), 'utf8');
  const all = JSON.parse(text) as Readonly<Record<string, Expected>>;
  return Object.entries(all).filter(([name]) => name.startsWith('instcat_'));
}

for (const [name, expected] of await expectations()) {
  describe(`sample ${name}`, () => {
    const path = fileURLToPath(new URL(name, samples));

    it('is recognised', async () => {
      assert.equal(recogniseCatalog(path, await readFile(path)) !== undefined, expected.detected);
      assert.equal((await checkFile(path, undefined))?.kind, 'instance-catalog');
    });

    for (const [how, withContent] of [
      ['on disk', false],
      ['in memory', true],
    ] as const) {
      it(`has exactly the expected findings ${how}`, async () => {
        const { diagnostics, counts, unlisted } = await checkCatalog(
          withContent ? { path, content: await readFile(path) } : { path },
        );
        assert.deepEqual(
          diagnostics.map(({ line, severity, code }) => ({ line, severity, code })),
          expected.diagnostics,
        );
        assert.ok(diagnostics.every(({ file }) => file === undefined));
        assert.equal(counts.error + counts.warning + counts.information, expected.diagnostics.length);
        assert.equal(unlisted, 0);
      });
    }

    it('is summed up as expected', async () => {
      const { visit, objects, includes } = (await checkCatalog({ path })).summary;
      for (const [key, value] of Object.entries(expected.visit ?? {})) {
        assert.deepEqual((visit as unknown as Record<string, unknown>)[key], value, key);
      }
      for (const [key, value] of Object.entries(expected.objects ?? {})) {
        assert.deepEqual((objects as unknown as Record<string, unknown>)[key], value, key);
      }
      if (expected.includes !== undefined) {
        assert.deepEqual(
          includes.map((include) => include.path),
          expected.includes,
        );
      }
    });
  });
}

describe('sample instcat_opsim_includes.txt', () => {
  it('counts the objects of the include that is there, and says what is missing', async () => {
    const path = fileURLToPath(new URL('instcat_opsim_includes.txt', samples));
    const { objects, includes, visit } = (await checkCatalog({ path })).summary;
    assert.equal(objects.included, 2);
    assert.deepEqual(objects.magRange, [18.2, 20.9]);
    assert.deepEqual(
      includes.map(({ found, objects: count, size }) => [found, count, size]),
      [
        [true, 2, 226],
        [false, 0, 0],
      ],
    );
    assert.equal(visit.utc, '2022-08-06T06:50:59Z');
    assert.equal(visit.airmass, 1.092);
  });
});
