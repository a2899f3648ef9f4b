import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandboxServer } from '../../../../src/sandbox/index.ts';
import { startSandboxCatalog } from '../../datacat/sandboxCatalog.ts';
import type { SandboxCatalog } from '../../datacat/sandboxCatalog.ts';

type Json = Readonly<Record<string, unknown>>;

const DATASET = {
  _type: 'dataset',
  name: 'f1',
  dataType: 'LSSTSIM',
  fileFormat: 'FITS',
  versionId: 'new',
  versionMetadata: [{ nRun: 6200 }, { key: 'alpha', value: 1.5, type: 'decimal' }],
  site: 'SLAC',
  resource: '/nfs/x/f1.fits',
};

describe('the data catalog of the sandbox, as the REST interface has it', () => {
  let catalog: SandboxCatalog;
  beforeEach(async () => {
    catalog = await startSandboxCatalog();
    await catalog.send('POST', '/folders.json/', { _type: 'folder', name: 'desc' });
  });
  afterEach(() => catalog.close());

  const call = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; json: Json; headers: Headers }> => {
    const answer = await catalog.send(method, path, body);
    const text = await answer.text();
    return {
      status: answer.status,
      json: (text === '' ? {} : JSON.parse(text)) as Json,
      headers: answer.headers,
    };
  };
  const refusal = async (method: string, path: string, body?: unknown): Promise<string> => {
    const { status, json } = await call(method, path, body);
    return `${status} ${String(json.type)}: ${String(json.message)}`;
  };

  it('answers flat with one location and full with several', async () => {
    const made = await call('POST', '/datasets.json/desc', DATASET);
    assert.deepEqual([made.status, made.headers.get('location')], [201, 'dc:/desc/f1']);
    const flat = (await call('GET', '/datasets.json/desc/f1')).json;
    const { _type, dataType, fileFormat, resource, latest, versionMetadata } = flat;
    assert.deepEqual(
      [_type, dataType, fileFormat, resource, latest],
      ['dataset#flat', 'LSSTSIM', 'fits', '/nfs/x/f1.fits', true],
    );
    assert.deepEqual(versionMetadata, [
      { key: 'nRun', value: 6200, type: 'integer' },
      { key: 'alpha', value: 1.5, type: 'decimal' },
    ]);
    assert.equal('checksum' in flat, false);
    await call('POST', '/datasets.json/desc/f1;v=0', { site: 'BNL', resource: '/gpfs/f1' });
    const full = (await call('GET', '/datasets.json/desc/f1;v=current')).json;
    assert.deepEqual([full._type, (full.locations as unknown[]).length], ['dataset#full', 2]);
    const one = (await call('GET', '/datasets.json/desc/f1;s=BNL')).json;
    assert.deepEqual([one._type, one.site], ['dataset#flat', 'BNL']);
    assert.equal((await call('GET', '/path.json/desc/f1')).json._type, 'dataset');
    assert.equal((await call('GET', '/path.json/desc;s=master/f1')).json.site, 'SLAC');
  });

  it('tells apart what is missing, what is no dataset, and what exists', async () => {
    await call('POST', '/datasets.json/desc', DATASET);
    assert.equal(
      await refusal('GET', '/datasets.json/desc'),
      '400 IllegalArgumentException: The target is not a dataset',
    );
    assert.equal(
      await refusal('GET', '/datasets.json/desc/no'),
      '400 IllegalArgumentException: The target is not a dataset',
    );
    assert.match(await refusal('GET', '/path.json/desc/no'), /^404 NoSuchFileException: /);
    assert.match(await refusal('DELETE', '/datasets.json/desc/no'), /^404 NoSuchFileException: /);
    assert.match(await refusal('DELETE', '/folders.json/desc'), /^409 DirectoryNotEmptyException: /);
    assert.match(
      await refusal('POST', '/folders.json/', { name: 'desc' }),
      /^500 FileAlreadyExistsException: /,
    );
    assert.match(
      await refusal('POST', '/datasets.json/no', DATASET),
      /^404 NoSuchFileException: Parent file doesn't exist/,
    );
    const again = await call('POST', '/datasets.json/desc', DATASET);
    assert.deepEqual(
      [again.status, again.headers.get('location')],
      [409, `${catalog.url}/datasets.json/desc/f1`],
    );
    assert.equal((await call('DELETE', '/datasets.json/desc/f1')).status, 204);
  });

  it('reads views, and refuses those that make no sense', async () => {
    await call('POST', '/datasets.json/desc', DATASET);
    for (const path of [
      '/desc;v=latest',
      '/desc;v=0;v=1',
      '/desc;children;metadata',
      '/desc;children=some',
      '/desc;stat=basic;v=0',
      '/desc;versionMetadata',
      '/desc/f1;children',
    ]) {
      assert.equal((await call('GET', `/path.json${path}`)).status, 400, path);
    }
    assert.equal((await call('GET', '/path.json/desc;metadata')).status, 204);
    const counted = (await call('GET', '/path.json/desc;stat=basic')).json.stat as Json;
    assert.deepEqual([counted.childCount, counted.datasetCount], [1, 1]);
    const list = await call('GET', '/path.json/;children?offset=0&max=10&showCount');
    assert.equal(list.headers.get('content-range'), 'items 0-0/0');
    await call('POST', '/folders.json/', { name: 'a;v=3' });
    assert.equal((await call('GET', '/path.json/a%3bv=3')).json.name, 'a;v=3');
  });

  it('refuses fields and values that nobody knows', async () => {
    assert.match(
      await refusal('POST', '/datasets.json/desc', { ...DATASET, versionID: 3 }),
      /^400 .*Unable to validate/,
    );
    const flaws: readonly object[] = [
      { site: 'x'.repeat(21) },
      { checksum: 'zz' },
      { versionMetadata: [{ key: 'n', value: 'x', type: 'integer' }] },
      { versionMetadata: 3 },
      { versionId: -1 },
      { name: '' },
      { locations: [{ site: 'A' }] },
    ];
    for (const flaw of flaws) {
      assert.equal(
        (await call('POST', '/datasets.json/desc', { ...DATASET, ...flaw })).status,
        400,
        JSON.stringify(flaw),
      );
    }
    const left = (await call('GET', '/path.json/desc;children')).json as unknown as unknown[];
    assert.deepEqual(left, []);
  });

  it('takes forms, with metadata as JSON', async () => {
    const answer = await fetch(`${catalog.url}/datasets.json/desc`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${catalog.server.token}`, Origin: 'lsst' },
      body: new URLSearchParams({
        name: 'f2',
        dataType: 'T',
        fileFormat: 'txt',
        versionMetadata: '[{"nRun": 7}]',
        site: 'SLAC',
        resource: '/nfs/f2',
        size: '12',
      }),
    });
    assert.equal(answer.status, 201);
    const { size, versionId } = (await answer.json()) as Json;
    assert.deepEqual([size, versionId], [12, 0]);
  });

  it('evaluates filters as the language says', async () => {
    for (const [name, nRun, quality] of [
      ['a.fits', 1, 'GOOD'],
      ['b.fits', 2, 'GO%'],
      ['c.txt', 3, null],
    ] as const) {
      const versionMetadata = [{ nRun }, ...(quality === null ? [] : [{ quality }])];
      const file = {
        name,
        dataType: 'T',
        fileFormat: 'txt',
        versionMetadata,
        site: 'SLAC',
        resource: `/${name}`,
        size: nRun * 10,
      };
      assert.equal((await call('POST', '/datasets.json/desc', file)).status, 201);
    }
    const names = async (filter: string, more = ''): Promise<string> => {
      const { status, json } = await call(
        'GET',
        `/search.json/desc?filter=${encodeURIComponent(filter)}${more}`,
      );
      assert.equal(status, 200, filter);
      return (json.results as readonly { readonly name: string }[])
        .map(({ name }) => name.slice(0, 1))
        .join('');
    };
    assert.equal(await names('nRun >= 2'), 'bc');
    assert.equal(await names('nRun lt 2 or size == 30'), 'ac');
    assert.equal(await names('name =~ "*.fits"'), 'ab');
    assert.equal(await names('quality =~ "GO%"'), 'b');
    assert.equal(await names('quality !~ "GO?D"'), 'b');
    assert.equal(await names('quality == null'), 'c');
    assert.equal(await names('quality != null and nRun not in (2:3)'), 'a');
    assert.equal(await names('nRun in (1, 2.9:3.1)'), 'ac');
    assert.equal(await names('nRun > 0', '&sort=nRun-'), 'cba');
    assert.equal(await names('nRun > 0', '&sort=-nRun&offset=1&max=1'), 'b');
    assert.equal(await names("created > '2020-01-01' and site == 'SLAC' and latest == 'true'"), 'abc');
    assert.equal((await call('GET', '/search.json/desc?filter=nRun+%3D+3')).status, 422);
    assert.equal((await call('GET', '/search.json/no?filter=nRun+%3D%3D+3')).status, 404);
    assert.equal((await call('GET', '/search.json/desc;children')).status, 400);
    const shown = (await call('GET', '/search.json/desc?show=quality&max=1')).json.results as readonly Json[];
    assert.deepEqual(shown[0]?.metadata, [{ key: 'quality', value: 'GOOD', type: 'string' }]);
    assert.equal(shown[0]?.versionMetadata, undefined);
  });

  it('searches in containers that a pattern names', async () => {
    for (const [parent, name, _type] of [
      ['/desc', 'run1', 'folder'],
      ['/desc', 'run2', 'group'],
      ['/desc/run1', 'deep', 'group'],
    ] as const) {
      await call('POST', `/containers.json${parent}`, { _type, name });
    }
    for (const folder of ['/desc', '/desc/run1', '/desc/run2', '/desc/run1/deep']) {
      await call('POST', `/datasets.json${folder}`, DATASET);
    }
    const count = async (target: string): Promise<unknown> =>
      (await call('GET', `/search.json${encodeURI(target)}`)).json.count;
    assert.equal(await count('/desc'), 1);
    assert.equal(await count('/desc/*'), 2);
    assert.equal(await count('/desc/**'), 3);
    assert.equal(await count('/desc/**$'), 1);
    assert.equal(await count('/desc/**^'), 2);
    assert.equal(await count('/desc/run[2-9]'), 1);
    assert.equal(await count('/desc/{run1,run2}'), 2);
    assert.equal(await count('/**'), 4);
  });

  it('keeps web pages and other names of this machine out', async () => {
    const ask = (headers: http.OutgoingHttpHeaders): Promise<number> =>
      new Promise((resolve, reject) => {
        const { port } = new URL(catalog.url);
        const request = http.get(
          { port, host: '127.0.0.1', path: '/datacat/r/path.json/', headers },
          (answer) => {
            answer.resume();
            resolve(answer.statusCode ?? 0);
          },
        );
        request.on('error', reject);
      });
    const Authorization = `Bearer ${catalog.server.token}`;
    assert.equal(await ask({ Authorization, Origin: 'lsst' }), 200);
    assert.equal(await ask({ Authorization, Origin: 'https://evil.example' }), 403);
    assert.equal(await ask({ Authorization, Origin: 'lsst', Host: 'evil.example' }), 403);
    assert.equal(await ask({ Authorization: 'Bearer wrong', Origin: 'lsst' }), 401);
    assert.equal(await ask({}), 403);
  });

  it('refuses bodies without end', async () => {
    const answer = await catalog.send('POST', '/folders.json/', {
      name: 'a',
      description: 'x'.repeat(5_000_000),
    });
    assert.equal(answer.status, 413);
  });
});

describe('the data catalog of a sandbox that ends', () => {
  it('is there again when the next one starts', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'datacat-again-'));
    const run = async (
      work: (url: string, headers: Record<string, string>) => Promise<void>,
    ): Promise<void> => {
      const server = await startSandboxServer({ dataFolder, owner: 'jane', runsBackground: false });
      try {
        await work(`${server.url}/datacat/r`, { Authorization: `Bearer ${server.token}`, Origin: 'lsst' });
      } finally {
        await server.close();
      }
    };
    try {
      await run(async (url, headers) => {
        const body = JSON.stringify({ _type: 'folder', name: 'kept' });
        const json = { ...headers, 'Content-Type': 'application/json' };
        assert.equal(
          (await fetch(`${url}/folders.json/`, { method: 'POST', headers: json, body })).status,
          201,
        );
      });
      await run(async (url, headers) => {
        assert.equal((await fetch(`${url}/path.json/kept`, { headers })).status, 200);
      });
    } finally {
      await rm(dataFolder, { recursive: true });
    }
  });
});
