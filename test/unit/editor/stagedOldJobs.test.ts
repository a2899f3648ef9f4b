import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeStaged } from '../../../src/editor/submitting/stagedOldJobs.ts';
import type { OldRequest } from '../../../src/editor/submitting/requestOfRecord.ts';
import type { Session } from '../../../src/editor/session.ts';
import type { JobRecord } from '../../../src/panda/index.ts';
import {
  createStagingStores,
  folderStore,
  manifestReference,
  manifestsKey,
  planOfJob,
  signManifest,
} from '../../../src/staging/index.ts';
import { testProfile } from './fakes.ts';

const AREA = { user: 'Alice_Adams', date: '2026-11-23', submissionId: 'mi1f9x0k2a' };
const SUMS = { size: 3, adler32: '024d0127', sha256: 'ab'.repeat(32) };

describe('an old job that is staged', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'old-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const request: OldRequest = {
    name: 'r22',
    transformation: 'script',
    payload: 'run-script-0123456789ab.sh',
    tarball: undefined,
    arguments: ['a'],
    outputs: [],
    site: 'SLAC',
    resources: { cores: 1, memoryMB: 1, diskMB: 1, walltimeSeconds: 1 },
    pipeline: undefined,
  };
  const session = (): Session =>
    ({
      profile: { ...testProfile, staging: { kind: 'folder', folder } },
      staging: createStagingStores(),
    }) as unknown as Session;
  const complete = (area = AREA, below = '') => {
    const settings = { kind: 'folder', folder: join(folder, below) } as const;
    const jobParameters = `--manifest '${manifestReference(settings, area, 1)}' -- a`;
    return completeStaged(request, { jobParameters } as JobRecord, session(), new AbortController().signal);
  };
  const leaveManifest = async (below: string): Promise<void> => {
    const store = folderStore(join(folder, below));
    const inputs = [{ name: 'catalog/a.txt', key: `in/sha256/${SUMS.sha256}/a.txt`, checksums: SUMS }];
    const needs = { number: 1, inputs, outputs: ['image.fits'], wallSeconds: 1 };
    const text = (await signManifest(store, planOfJob(AREA, needs, 0), 60, Date.now())).text();
    const index = `${'24'.padStart(11, '0')} ${String(text.length).padStart(11, '0')}\n`;
    await store.put(manifestsKey(AREA), Buffer.from(index + text));
  };

  it('has the inputs and outputs of its manifest, and its folder', async () => {
    await leaveManifest('trial/2');
    assert.deepEqual(await complete(AREA, 'trial/2'), {
      kind: 'facts',
      folder: 'trial/2',
      request: {
        ...request,
        outputs: ['image.fits'],
        stagedInputs: [{ name: 'catalog/a.txt', ...SUMS }],
      },
    });
  });

  it('is refused in a clause where that is not known', async () => {
    const reason = async (...args: Parameters<typeof complete>): Promise<string> => {
      const facts = await complete(...args);
      return facts.kind === 'none' ? facts.reason : 'it is known';
    };
    assert.equal(await reason(), 'the list of its staged files was cleaned up');
    assert.equal(await reason({ ...AREA, user: 'bob' }), 'its files are those of another user');
    assert.equal(await reason(AREA, '..'), 'its files are not staged where this profile says');
    await folderStore(folder).put(manifestsKey(AREA), Buffer.from('what is this'));
    assert.match(await reason(), /^Could not read .*manifests: it holds no manifests of ours$/);
  });
});
