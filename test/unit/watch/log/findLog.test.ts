import assert from 'node:assert/strict';

import { findLog, siteViews, createJobStore } from '../../../../src/watch/index.ts';
import type { SiteSpec } from '../../../../src/panda/index.ts';
import { record } from '../scriptedServer.ts';

describe('log of a job', () => {
  const urls: string[] = [];
  const find = findLog({
    files: {
      readRange: (url, from, length) => {
        urls.push(url);
        return Promise.resolve({ bytes: Buffer.alloc(length), size: from + length });
      },
    },
  });

  for (const [pilotId, expected] of [
    [
      'http://127.0.0.1:5000/storage/12/pilotlog.txt|sandbox|PR|desc-panda-0.1.0',
      'http://127.0.0.1:5000/storage/12/payload.stdout',
    ],
    [
      'https://storage.host/bucket/logs/R22%20S11/pilotlog.txt',
      'https://storage.host/bucket/logs/R22%20S11/payload.stdout',
    ],
    ['https://host/a/b/pilotlog.txt?x=1#top|SLURM', 'https://host/a/b/payload.stdout?x=1'],
    ['https://host', 'https://host/payload.stdout'],
  ] as const) {
    it(`lies beside ${pilotId}`, async () => {
      const source = find(record({ PandaID: 12, pilotID: pilotId })) ?? assert.fail();
      const piece = await source.read('payload.stdout', 5, 10);
      assert.deepEqual([urls.pop(), piece.from, piece.bytes.length, piece.size], [expected, 5, 10, 15]);
    });
  }

  for (const [pilotId, expected] of [
    ['https://host/a/pilotlog.txt|SLURM', 'https://host/a/pilotlog.txt'],
    ['https://host/a/grid.17.0.out#top|Condor|PR', 'https://host/a/grid.17.0.out'],
    ['https://host/a/payload.stdout|x', 'https://host/a/pilotlog.txt'],
    ['https://host/a/|x', 'https://host/a/pilotlog.txt'],
  ] as const) {
    it(`of the pilot is at ${expected} for ${pilotId}`, async () => {
      const source = find(record({ PandaID: 12, pilotID: pilotId })) ?? assert.fail();
      await source.read('pilotlog.txt', 0, 10);
      assert.equal(urls.pop(), expected);
    });
  }

  for (const pilotId of [
    null,
    '',
    'tag/aipanda|PR|3.11',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://[',
  ]) {
    it(`is not known from ${String(pilotId)}`, () => {
      assert.equal(find(record({ PandaID: 12, pilotID: pilotId })), undefined);
    });
  }
});

describe('sites', () => {
  it("are shown with everybody's jobs and mine", () => {
    const store = createJobStore();
    store.apply([
      { pandaId: 1, state: 'running', site: 'A' },
      { pandaId: 2, state: 'activated', site: 'A' },
      { pandaId: 3, state: 'running', site: 'C' },
    ]);
    const specs = ['B', 'A', 'constructor'].map(site);
    assert.deepEqual(siteViews(specs, { A: { running: 3120 } }, store), [
      { spec: specs[0], everybody: {}, mine: {} },
      { spec: specs[1], everybody: { running: 3120 }, mine: { running: 1, activated: 1 } },
      { spec: specs[2], everybody: {}, mine: {} },
    ]);
  });
});

function site(name: string): SiteSpec {
  return {
    ...{ name, status: 'online', cloud: null, coreCount: null, maxMemoryMB: null, maxWorkDirMB: null },
    ...{ maxTimeSeconds: null, comment: null, raw: {} },
  };
}
