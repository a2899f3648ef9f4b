import assert from 'node:assert/strict';
import { withAllBelow } from '../../../src/datacat/index.ts';
import type { DatacatClient, DatacatErrorKind, NewDataset } from '../../../src/datacat/index.ts';
import { startSandboxCatalog } from './sandboxCatalog.ts';
import type { SandboxCatalog } from './sandboxCatalog.ts';

const FILE: NewDataset = {
  name: 'f1.fits',
  dataType: 'LSSTSIM',
  fileFormat: 'fits',
  version: {
    metadata: [
      { name: 'nRun', type: 'integer', value: 6200 },
      { name: 'alpha', type: 'decimal', value: 3.5 },
      { name: 'quality', type: 'string', value: 'GOOD' },
      { name: 'taken', type: 'timestamp', value: Date.UTC(2026, 1, 3, 4, 5, 6, 7) },
    ],
    locations: [{ site: 'SLAC', resource: '/nfs/x/f1.fits', size: 4_650_118_345, checksum: '3039' }],
  },
};

describe('the client of the data catalog, on the sandbox', () => {
  let catalog: SandboxCatalog;
  let client: DatacatClient;
  beforeEach(async () => {
    catalog = await startSandboxCatalog();
    client = catalog.client();
    await client.createContainer('/', { kind: 'folder', name: 'desc', description: 'all of DESC' });
  });
  afterEach(() => catalog.close());

  const refused = (kind: DatacatErrorKind, words: RegExp) => (error: unknown) => {
    assert(error instanceof Error && 'kind' in error && error.kind === kind, String(error));
    assert.match(error.message, words);
    return true;
  };

  it('makes a dataset with version, metadata of each type and location, and reads it back', async () => {
    await client.createDataset('/desc', FILE);
    const { version, ...dataset } = await client.dataset('/desc/f1.fits');
    assert.equal(dataset.path, '/desc/f1.fits');
    assert.equal(dataset.dataType, 'LSSTSIM');
    assert.equal(version?.id, 0);
    assert.equal(version.latest, true);
    assert.deepEqual(version.metadata, FILE.version?.metadata);
    assert.equal(version.locations.length, 1);
    const { site, resource, size, checksum, master } = version.locations[0] ?? assert.fail();
    assert.deepEqual(
      [site, resource, size, checksum, master],
      ['SLAC', '/nfs/x/f1.fits', 4_650_118_345, '3039', true],
    );
  });

  it('takes a dataset with several locations, of which the first is the master', async () => {
    await client.createDataset('/desc', FILE);
    await client.addLocations('/desc/f1.fits', 0, [{ site: 'BNL', resource: '/gpfs/f1.fits', size: 1 }]);
    const sites = (await client.dataset('/desc/f1.fits')).version?.locations.map(({ site, master }) => [
      site,
      master,
    ]);
    assert.deepEqual(sites, [
      ['SLAC', true],
      ['BNL', false],
    ]);
    const one = await client.dataset('/desc/f1.fits', { site: 'BNL' });
    assert.deepEqual(
      one.version?.locations.map(({ resource }) => resource),
      ['/gpfs/f1.fits'],
    );
    await assert.rejects(
      client.addLocations('/desc/f1.fits', 0, [{ site: 'BNL', resource: '/other' }]),
      refused('exists', /BNL already exists/),
    );
  });

  it('makes versions one after the other, and shows the one asked for', async () => {
    await client.createDataset('/desc', FILE);
    const second = await client.createVersion('/desc/f1.fits', {
      locations: [{ site: 'SLAC', resource: '/nfs/x/f1.v1.fits' }],
    });
    assert.equal(second.version?.id, 1);
    assert.equal((await client.dataset('/desc/f1.fits')).version?.id, 1);
    assert.equal((await client.dataset('/desc/f1.fits', { version: 0 })).version?.latest, false);
    await assert.rejects(client.createVersion('/desc/f1.fits', { id: 1 }), refused('exists', /version 1/));
    await assert.rejects(client.dataset('/desc/f1.fits', { version: 7 }), refused('notFound', /v=7/));
  });

  it('lists by pages, and says when there is no more', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await client.createContainer('/desc', { kind: 'folder', name });
    await client.createDataset('/desc', FILE);
    const first = await client.children('/desc', { max: 3 });
    assert.deepEqual(
      first.items.map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    assert.equal(first.next, 3);
    const rest = await client.children('/desc', { max: 3, offset: 3 });
    assert.deepEqual(
      rest.items.map(({ name, kind }) => `${kind} ${name}`),
      ['folder d', 'dataset f1.fits'],
    );
    assert.equal(rest.next, undefined);
    assert.equal((await client.children('/desc', { max: 5 })).next, undefined);
    assert.equal((await client.children('/desc', { only: 'containers' })).items.length, 4);
  });

  it('changes metadata by name, and ends it', async () => {
    await client.createDataset('/desc', FILE);
    const { version } = await client.patchDataset('/desc/f1.fits', {
      metadata: [
        { name: 'quality', type: 'none' },
        { name: 'nRun', type: 'integer', value: 7 },
        { name: 'fresh', type: 'string', value: 'yes' },
      ],
      location: { size: 12, checksum: 'ff' },
    });
    assert.deepEqual(
      version?.metadata.map(({ name, value }) => [name, value]),
      [
        ['nRun', 7],
        ['alpha', 3.5],
        ['taken', Date.UTC(2026, 1, 3, 4, 5, 6, 7)],
        ['fresh', 'yes'],
      ],
    );
    assert.deepEqual(
      version?.locations.map(({ size, checksum }) => [size, checksum]),
      [[12, 'ff']],
    );
    const folder = await client.patchContainer('/desc', {
      description: 'of DESC',
      metadata: [{ name: 'owner', type: 'string', value: 'jane' }],
    });
    assert.equal(folder.description, 'of DESC');
    assert.deepEqual(folder.metadata, [{ name: 'owner', type: 'string', value: 'jane' }]);
  });

  it('removes a dataset with all that belongs to it, and only empty containers', async () => {
    await client.createDataset('/desc', FILE);
    await assert.rejects(
      client.remove({ kind: 'folder', path: '/desc' }),
      refused('rejected', /Directory not empty/),
    );
    await client.remove({ kind: 'dataset', path: '/desc/f1.fits' });
    await assert.rejects(client.get('/desc/f1.fits'), refused('notFound', /f1\.fits/));
    await client.remove({ kind: 'folder', path: '/desc' });
    assert.deepEqual((await client.children('/')).items, []);
    await assert.rejects(
      client.remove({ kind: 'folder', path: '/desc' }),
      refused('notFound', /remove the folder \/desc at/),
    );
  });

  it('searches in a folder and below, with filter, order, metadata and pages', async () => {
    await client.createContainer('/desc', { kind: 'group', name: 'run1' });
    for (const [index, folder] of ['/desc', '/desc/run1', '/desc/run1'].entries()) {
      await client.createDataset(folder, {
        name: `n${index}`,
        dataType: 'T',
        fileFormat: 'txt',
        version: { metadata: [{ name: 'nRun', type: 'integer', value: index }] },
      });
    }
    const found = await client.search(withAllBelow('/desc'), {
      filter: 'nRun >= 0 and name =~ "n*"',
      sort: ['-nRun'],
      max: 2,
    });
    assert.equal(found.count, 3);
    assert.equal(found.next, 2);
    assert.deepEqual(
      found.items.map(({ path, metadata }) => [path, metadata.map(({ value }) => value)]),
      [
        ['/desc/run1/n2', [2]],
        ['/desc/run1/n1', [1]],
      ],
    );
    const rest = await client.search(withAllBelow('/desc'), {
      filter: 'nRun >= 0',
      sort: ['-nRun'],
      offset: 2,
    });
    assert.deepEqual([rest.items.map(({ name }) => name), rest.next], [['n0'], undefined]);
    assert.equal((await client.search('/desc')).count, 1);
    assert.equal((await client.search('/desc/*')).count, 2);
  });

  it('says where a filter cannot be read, and what the catalog says of one it does not know', async () => {
    await assert.rejects(
      client.search('/desc', { filter: 'nRun = 3' }),
      refused('rejected', /at character 6, equal is ==/),
    );
    await assert.rejects(
      client.search('/desc', { filter: 'unheard == 3' }),
      refused('rejected', /Unable to process query, see message: .*unheard/),
    );
  });

  it('tells what exists', async () => {
    await client.createDataset('/desc', FILE);
    await assert.rejects(
      client.createDataset('/desc', FILE),
      refused('exists', /register f1\.fits in \/desc/),
    );
    await assert.rejects(
      client.createContainer('/', { kind: 'folder', name: 'desc' }),
      refused('exists', /desc already exists/),
    );
    await assert.rejects(
      client.createDataset('/nowhere', FILE),
      refused('notFound', /Parent file doesn't exist/),
    );
  });

  it('keeps names with signs of the paths apart from views', async () => {
    const name = 'a;v=3 ü%$^(1).txt';
    await client.createDataset('/desc', { name, dataType: 'T', fileFormat: 'txt', version: {} });
    assert.equal((await client.dataset(`/desc/${name}`)).name, name);
    assert.equal((await client.get(`/desc/${name}`)).name, name);
  });

  it('signs with the key of the sandbox, as the catalog’s own clients do', async () => {
    const key = { id: 'sandbox', secret: Buffer.from(catalog.server.token).toString('base64') };
    const signed = catalog.client({ kind: 'key', key: () => Promise.resolve(key) });
    await signed.createDataset('/desc', FILE);
    assert.equal((await signed.search(withAllBelow('/'), { filter: "name == 'f1.fits'" })).count, 1);
    const wrong = catalog.client({
      kind: 'key',
      key: () => Promise.resolve({ id: 'sandbox', secret: 'AAAA' }),
    });
    await assert.rejects(wrong.get('/'), refused('unauthorised', /signature does not fit/));
    const late = catalog.client(
      { kind: 'key', key: () => Promise.resolve(key) },
      { now: () => Date.now() - 3_600_000 },
    );
    await assert.rejects(late.get('/'), refused('unauthorised', /not of now/));
  });

  it('keeps strangers out, and lets everybody read where that was said', async () => {
    const stranger = catalog.client({ kind: 'none' });
    await assert.rejects(stranger.children('/'), refused('unauthorised', /No permission to read/));
    assert.equal(await stranger.rights('/desc'), '');
    await catalog.send('PATCH', '/permissions.json/desc', [{ subject: '$PUBLIC$', permissions: 'r' }]);
    assert.deepEqual((await stranger.children('/desc')).items, []);
    assert.equal(await stranger.rights('/desc'), 'r');
    assert.equal(await client.rights('/desc'), 'ridwa');
    assert.deepEqual(await client.permissions('/desc'), [
      { subject: '$PROTECTED$', permissions: 'ridwa' },
      { subject: '$PUBLIC$', permissions: 'r' },
    ]);
    await assert.rejects(
      stranger.createDataset('/desc', FILE),
      refused('unauthorised', /No permission to insert/),
    );
  });
});
