import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { StagingSettings } from '../../../src/panda/index.ts';
import {
  describePlace,
  folderStore,
  manifestReference,
  manifestsKey,
  packManifests,
  placeOfReference,
  planOfJob,
  readJobManifest,
  settingsBelow,
  signManifest,
  uploadFiles,
} from '../../../src/staging/index.ts';
import { temporaryFolder } from './temporary.ts';

const AREA = { user: 'jane', date: '2026-11-23', submissionId: 'mi1f9x0k2a' };
const S3: StagingSettings = {
  kind: 's3',
  bucket: 'desc',
  prefix: 'panda/x',
  endpoint: 'https://s3.example.org',
  region: undefined,
  pathStyle: undefined,
  caFile: undefined,
  credentialsProfile: undefined,
  checksums: undefined,
};
const FOLDER: StagingSettings = { kind: 'folder', folder: '/data/my #1 staging' };

describe('a place for a submission of its own', () => {
  it('lies below that of the profile', () => {
    const prefixOf = (prefix: string | undefined): unknown => {
      const below = settingsBelow({ ...S3, prefix }, 'a/b');
      return below.kind === 's3' && below.prefix;
    };
    assert.deepEqual(settingsBelow({ kind: 'folder', folder: '/data' }, 'a/b'), {
      kind: 'folder',
      folder: '/data/a/b',
    });
    assert.equal(prefixOf(undefined), 'a/b');
    assert.equal(prefixOf('x/y/'), 'x/y/a/b');
    assert.equal(settingsBelow(S3, ''), S3);
  });

  it('is told to people as they know it', () => {
    assert.equal(describePlace(FOLDER), '/data/my #1 staging');
    assert.equal(describePlace(S3), 's3://desc/panda/x');
    assert.equal(describePlace({ ...S3, prefix: undefined }), 's3://desc');
  });
});

describe('the reference to a manifest', () => {
  it('is no secret, and leads back to the files of the job', () => {
    for (const [settings, text] of [
      [FOLDER, 'file:///data/my%20%231%20staging/jane/2026-11-23/mi1f9x0k2a/manifests#17'],
      [S3, 'secret:desc_panda_mi1f9x0k2a:panda/x/jane/2026-11-23/mi1f9x0k2a/manifests#17'],
      [{ ...S3, prefix: undefined }, 'secret:desc_panda_mi1f9x0k2a:jane/2026-11-23/mi1f9x0k2a/manifests#17'],
    ] as const) {
      assert.equal(manifestReference(settings, AREA, 17), text);
      const attempt = { area: AREA, jobId: '17', attempt: 1 };
      assert.deepEqual(placeOfReference(text, settings), { settings, folder: '', attempt });
      const below = settingsBelow(settings, 'trial/2');
      const place = placeOfReference(manifestReference(below, AREA, 17), settings);
      assert.deepEqual(place, { settings: below, folder: 'trial/2', attempt });
    }
  });

  it('leads nowhere else, whatever it says', () => {
    const area = 'jane/2026-11-23/mi1f9x0k2a/manifests';
    for (const [settings, texts] of [
      [
        FOLDER,
        [
          `file:///etc/${area}#1`,
          `file:///data/my%20%231%20staging/../x/${area}#1`,
          `file:///data/my%20%231%20staging/%2e%2e/${area}#1`,
          `file:///data/my%20%231%20staging/a%2Fb/${area}#1`,
          `file://host/data/my%20%231%20staging/${area}#1`,
          `file:///data/my%20%231%20staging/${area}`,
          `file:///data/my%20%231%20staging/${area}#0`,
          `file:///data/my%20%231%20staging/${area}x#1`,
          `file:///data/my%20%231%20staging/jane/today/mi1f9x0k2a/manifests#1`,
          `file:///data/my%20%231%20staging/manifests#1`,
          `secret:desc_panda_mi1f9x0k2a:${area}#1`,
          '',
          '#1',
        ],
      ],
      [
        S3,
        [
          `secret:desc_panda_mi1f9x0k2a:other/${area}#1`,
          `secret:desc_panda_mi1f9x0k2a:panda/x/../${area}#1`,
          `secret:desc_panda_mi1f9x0k2a:panda/x//${area}#1`,
          `secret::panda/x/${area}#1`,
          `https://s3.example.org/panda/x/${area}#1`,
          `file:///data/${area}#1`,
        ],
      ],
    ] as const) {
      for (const text of texts) assert.equal(placeOfReference(text, settings), undefined, text);
    }
  });
});

describe('the manifest of one job among those of its submission', () => {
  const folder = temporaryFolder();
  const sums = { size: 3, adler32: '024d0127', sha256: 'ab'.repeat(32) };
  const attempt = (number: number) => ({ area: AREA, jobId: String(number), attempt: 1 });

  it('is read back without the others', async () => {
    const store = folderStore(join(folder.path, 'staging'));
    const texts: string[] = [];
    for (const number of [1, 2, 3]) {
      const input = { name: `in ${number}.txt`, key: `jane/in/${number}`, checksums: sums };
      const needs = { number, inputs: [input], outputs: [`out ${number}`], wallSeconds: 60 };
      texts.push((await signManifest(store, planOfJob(AREA, needs, 3), 60, Date.now())).text());
    }
    const path = join(folder.path, 'packed');
    const file = await open(path, 'w');
    await packManifests(texts, texts.length, file);
    await file.close();
    await uploadFiles(store, [{ path, key: manifestsKey(AREA) }]);
    const second = await readJobManifest(store, attempt(2));
    assert.deepEqual(second?.inputs, [{ name: 'in 2.txt', ...sums }]);
    assert.equal(second.outputs[0], 'out 2');
    await assert.rejects(readJobManifest(store, attempt(4)), { kind: 'protocol' });
  });

  it('is not there where nothing is staged, and is refused where it is another thing', async () => {
    const store = folderStore(join(folder.path, 'staging'));
    assert.equal(await readJobManifest(store, attempt(1)), undefined);
    for (const text of [
      '',
      'x'.repeat(100),
      `00000000024 00000000003\nabc`,
      '00000000024 99999999999\nabc',
    ]) {
      await store.put(manifestsKey(AREA), Buffer.from(text));
      await assert.rejects(readJobManifest(store, attempt(1)), { kind: 'protocol' }, text);
    }
    const up = 'desc-panda-manifest 1\nput\t../x\tfile:///x\nend\n';
    const line = `00000000024 ${String(up.length).padStart(11, '0')}\n`;
    await store.put(manifestsKey(AREA), Buffer.from(line + up));
    await assert.rejects(readJobManifest(store, attempt(1)), { kind: 'badName' });
  });
});
