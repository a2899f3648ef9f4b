import assert from 'node:assert/strict';
import { catalogLook, catalogText, catalogTooltip } from '../../../src/editor/catalog/catalogLook.ts';
import { CatalogTree } from '../../../src/editor/catalog/catalogTree.ts';
import type { CatalogRow } from '../../../src/editor/catalog/catalogTree.ts';
import type { DatacatClient } from '../../../src/datacat/index.ts';
import { startSandboxCatalog } from '../datacat/sandboxCatalog.ts';
import type { SandboxCatalog } from '../datacat/sandboxCatalog.ts';

describe('the tree of the data catalog', () => {
  let catalog: SandboxCatalog;
  let client: DatacatClient;
  let tree: CatalogTree;
  beforeEach(async () => {
    catalog = await startSandboxCatalog();
    client = catalog.client();
    tree = new CatalogTree(client);
  });
  afterEach(async () => {
    tree.dispose();
    await catalog.close();
  });

  const text = (rows: readonly CatalogRow[]): string[] =>
    rows.map((row) => {
      const { label, description } = catalogLook(row, tree.found);
      return [label, description].filter((part) => part !== '').join(' | ');
    });
  const make = async (count: number, folder = '/desc'): Promise<void> => {
    await client.createContainer('/', { kind: 'folder', name: 'desc', description: 'all of DESC' });
    for (let index = 0; index < count; index += 1) {
      await client.createDataset(folder, {
        name: `n${String(index).padStart(3, '0')}.fits`,
        dataType: 'T',
        fileFormat: 'fits',
        version: {
          metadata: [{ name: 'nRun', type: 'integer', value: index }],
          locations: [{ site: 'SLAC', resource: `/nfs/n${index}`, size: 1000 }],
        },
      });
    }
  };
  const first = async (): Promise<CatalogRow> => (await tree.roots())[0] ?? assert.fail();

  it('reads a folder when it is shown, by pages', async () => {
    await make(101);
    assert.deepEqual(text(await tree.roots()), ['desc | all of DESC']);
    const desc = await first();
    const rows = await tree.below(desc);
    assert.equal(rows.length, 101);
    const more = rows.at(-1) ?? assert.fail();
    assert.deepEqual(text([...rows.slice(0, 1), more]), ['n000.fits | fits · T', 'Load more']);
    const changes: (CatalogRow | undefined)[] = [];
    tree.onDidChange((row) => changes.push(row));
    assert(more.kind === 'more');
    await Promise.all([tree.loadMore(more), tree.loadMore(more)]);
    const all = await tree.below(desc);
    assert.equal(all.length, 101);
    assert.equal(new Set(all.map(({ id }) => id)).size, 101);
    assert.deepEqual(text(all.slice(-1)), ['n100.fits | fits · T']);
    assert.deepEqual(changes.at(0)?.id, desc.id);
  });

  it('shows a search as a row of its own, with how many there are', async () => {
    await make(3);
    tree.setSearch({ path: '/', filter: 'nRun > 0' });
    const [row] = await tree.roots();
    assert(row !== undefined);
    assert.deepEqual(text([row]), ['nRun > 0 | in /']);
    const results = await tree.below(row);
    assert.deepEqual(text(results), [
      'n001.fits | fits · T · 1.0 kB · /desc',
      'n002.fits | fits · T · 1.0 kB · /desc',
    ]);
    assert.deepEqual(text([row]), ['nRun > 0 | 2 found · in /']);
    const inFolder = await tree.below((await tree.roots())[1] ?? assert.fail());
    const ids = [...results, ...inFolder].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    tree.setSearch({ path: '/', filter: 'nRun > 7' });
    assert.deepEqual(text(await tree.below(await first())), ['Nothing matches']);
    tree.setSearch(undefined);
    assert.deepEqual(text(await tree.roots()), ['desc | all of DESC']);
  });

  it('tells of trouble below a row in place of what it holds, and reads again when refreshed', async () => {
    await make(1);
    tree.setSearch({ path: '/', filter: 'unheard == 1' });
    const [note] = await tree.below(await first());
    assert.match(text([note ?? assert.fail()])[0] ?? '', /^Could not search .*unheard/);
    tree.setSearch(undefined);
    const desc = await first();
    assert.equal((await tree.below(desc)).length, 1);
    await client.remove({ kind: 'dataset', path: '/desc/n000.fits' });
    assert.equal((await tree.below(desc)).length, 1);
    tree.refresh();
    assert.deepEqual(text(await tree.below(desc)), ['Empty']);
  });

  it('rejects where the catalog cannot be read at all, and tries again the next time', async () => {
    const stranger = new CatalogTree(catalog.client({ kind: 'none' }));
    await assert.rejects(stranger.roots(), /No permission to read/);
    await catalog.send('PATCH', '/permissions.json/', [{ subject: '$PUBLIC$', permissions: 'r' }]);
    assert.deepEqual(await stranger.roots(), []);
    stranger.dispose();
  });

  it('shows everything of a dataset, whatever signs it has', async () => {
    await client.createDataset('/', {
      name: 'a|b_*c.fits',
      dataType: 'T',
      fileFormat: 'fits',
      version: {
        metadata: [
          { name: 'quality', type: 'string', value: '[x](command:evil) `y`' },
          { name: 'taken', type: 'timestamp', value: Date.UTC(2026, 1, 3, 4, 5) },
        ],
        locations: [{ site: 'SLAC', resource: 's3://bucket/a', size: 12, checksum: 'ff' }],
      },
    });
    const dataset = await client.dataset('/a|b_*c.fits');
    const tooltip = catalogTooltip(dataset);
    assert.doesNotMatch(tooltip, /\]\(|`/);
    assert.match(tooltip, /^\*\*\/a&#124;b&#95;&#42;c&#46;fits\*\* dataset\n/);
    assert.match(tooltip, /\n\n\$\(location\) SLAC/);
    const plain = catalogText(dataset);
    assert.match(plain, /^\/a\|b_\*c\.fits {2}\(dataset\)\n/);
    assert.match(plain, /^ {2}quality {2}\[x\]\(command:evil\) `y`$/m);
    assert.match(plain, /^ {2}SLAC {2}s3:\/\/bucket\/a · 12 B · checksum ff$/m);
    tree.learn(dataset);
    assert.deepEqual([...tree.names], ['quality', 'taken']);
  });
});
