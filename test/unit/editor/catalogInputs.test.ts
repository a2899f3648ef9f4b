import assert from 'node:assert/strict';
import type { CatalogDataset, DatasetLocation } from '../../../src/datacat/index.ts';
import { readableCopies } from '../../../src/editor/catalog/datasetFile.ts';
import { filterHelp } from '../../../src/editor/catalog/filterCompletion.ts';
import { withInput } from '../../../src/editor/catalog/submissionInputs.ts';
import type { StagingSettings } from '../../../src/panda/index.ts';

describe('the box for a filter', () => {
  const names = ['nRun', 'night'];
  const completed = (filter: string): string[] =>
    filterHelp(filter, names).completions.map(({ name }) => name);

  it('completes names of metadata first, then fields, after what was typed', () => {
    assert.deepEqual(completed('n'), ['nRun', 'night', 'name', 'not in', 'null']);
    const { completions } = filterHelp('nRun > 3 and fileF', names);
    assert.deepEqual(completions, [
      { name: 'fileFormat', note: 'field', filter: 'nRun > 3 and fileFormat ' },
    ]);
  });

  it('completes nothing inside a text', () => {
    assert.deepEqual(completed('name == "n'), []);
    assert.deepEqual(completed('name == "it\\"s n'), []);
    assert.notDeepEqual(completed('name == "a" and n'), []);
  });

  it('says what is wrong and where', () => {
    assert.equal(filterHelp('', names).problem, undefined);
    assert.equal(filterHelp('nRun > 3', names).problem, undefined);
    assert.equal(filterHelp('nRun = 3', names).problem, 'At character 6: equal is ==');
  });
});

describe('a dataset as an input', () => {
  const dataset = (...resources: string[]): CatalogDataset => ({
    kind: 'dataset',
    name: 'f1.fits',
    path: '/desc/f1.fits',
    pk: 1,
    metadata: [],
    dataType: 'T',
    fileFormat: 'fits',
    created: null,
    version: {
      id: 0,
      latest: true,
      source: null,
      processInstance: null,
      taskName: null,
      created: null,
      modified: null,
      metadata: [{ name: 'sha256', type: 'string', value: 'a'.repeat(64) }],
      locations: resources.map((resource) => ({ ...LOCATION, resource })),
    },
  });
  const LOCATION: DatasetLocation = {
    site: 'SLAC',
    resource: '',
    size: 12,
    checksum: 'FF',
    runMin: null,
    runMax: null,
    eventCount: null,
    master: true,
    scanStatus: null,
    created: null,
    modified: null,
    scanned: null,
  };
  const bucket: StagingSettings = {
    kind: 's3',
    bucket: 'desc',
    prefix: 'panda/',
    endpoint: undefined,
    region: undefined,
    pathStyle: undefined,
    caFile: undefined,
    credentialsProfile: undefined,
    checksums: undefined,
  };

  it('has copies that can be read: paths, addresses of the web, and objects of the bucket of the profile', () => {
    const resources = [
      '/data/f1.fits',
      'file:///data/with%20blank/f1.fits',
      'https://host/f1.fits',
      's3://desc/panda/out/f1.fits',
      's3://other/out/f1.fits',
      'root://slac/f1.fits',
      'file://host/share',
    ];
    const copies = readableCopies(dataset(...resources), { staging: bucket });
    assert.deepEqual(
      copies.map(({ path, file }) => [path, file.url, file.staged?.key, file.adler32, file.sha256?.length]),
      [
        ['/data/f1.fits', '/data/f1.fits', 'f1.fits', '000000ff', 64],
        ['/data/with blank/f1.fits', 'file:///data/with%20blank/f1.fits', 'f1.fits', '000000ff', 64],
        [undefined, 'https://host/f1.fits', undefined, '000000ff', 64],
        [undefined, 's3://desc/panda/out/f1.fits', 'out/f1.fits', '000000ff', 64],
      ],
    );
    assert.deepEqual(readableCopies(dataset('s3://desc/panda/f1'), {}), []);
  });

  it('goes into a submission file, once, and leaves the rest of it as it is', () => {
    const file = '# mine\ntransformation: script\nfile: s.sh # the script\n';
    const one = withInput(file, 'f1.fits');
    assert.equal(one, `${file}inputs:\n  - f1.fits\n`);
    assert.equal(withInput(one, 'f1.fits'), one);
    assert.equal(withInput(one, 'sub/f 2.fits'), `${file}inputs:\n  - f1.fits\n  - sub/f 2.fits\n`);
    assert.equal(withInput('inputs: [a]\n', 'b'), 'inputs: [ a, b ]\n');
    assert.equal(withInput('a: [', 'b'), undefined);
    assert.equal(withInput('inputs: {a: 1}\n', 'b'), undefined);
    assert.equal(withInput('- a\n', 'b'), undefined);
  });
});
