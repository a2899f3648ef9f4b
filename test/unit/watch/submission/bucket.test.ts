import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { piecesPerStream } from '../../../../src/staging/index.ts';
import type { StagingStore, StagingStores } from '../../../../src/staging/index.ts';
import { renewalDue, renewStaging, submitJobs } from '../../../../src/watch/index.ts';
import type { SubmissionPlan } from '../../../../src/watch/index.ts';
import { ScriptedS3 } from '../../staging/scriptedS3.ts';
import type { Fault, S3Call } from '../../staging/s3Wire.ts';
import { plan, request } from './plans.ts';
import { s3Settings, stagingWorld } from '../stagingWorld.ts';

const HOUR = 3_600_000;

describe('a submission that is staged in a bucket', () => {
  const world = stagingWorld();
  let s3: ScriptedS3;
  beforeEach(async () => {
    s3 = new ScriptedS3();
    await s3.start();
  });
  afterEach(() => s3.stop());

  /** Stores that give up soon. */
  const quickStores = (change: (store: StagingStore) => StagingStore = (store) => store): StagingStores => {
    const opened: StagingStore[] = [];
    return {
      open: (settings) => {
        assert.ok(settings.kind === 's3');
        const store = s3.store({ bucket: settings.bucket, prefix: settings.prefix ?? '' });
        opened.push(store);
        return change(store);
      },
      dispose: () => opened.forEach((store) => store.dispose()),
    };
  };
  const deps = (bucket = 'desc', stores = quickStores()) =>
    world.deps(s3Settings(s3.endpoint, bucket), stores);
  const manifestsKey = (): string => [...s3.objects.keys()].find((key) => key.endsWith('/manifests')) ?? '';
  /** The manifest of a job, by the URL that its pilot is given. */
  const fetchManifest = async (id: string, number: number): Promise<string> => {
    const url = world.server.secrets?.get(`desc_panda_${id}`) ?? '';
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    const [from = 0, length = 0] = whole
      .toString('latin1', (number - 1) * 24, number * 24)
      .split(' ')
      .map(Number);
    return whole.toString('utf8', from, from + length);
  };
  const withFile = async (): Promise<SubmissionPlan> => {
    const file = await world.write('a.txt', 'abc');
    return { name: 'x', requests: [request({ inputs: [file], outputs: ['o.fits'] })] };
  };

  it('tells its jobs the name of a secret, and its server the URL in it', async () => {
    const result = await submitJobs(await withFile(), deps());
    assert.deepEqual(result.warnings, []);
    const key = manifestsKey();
    assert.match(key, new RegExp(`^panda/panda_user/\\d{4}-\\d\\d-\\d\\d/${result.id}/manifests$`));
    const [entry] = (await world.journal.list('sandbox')).entries;
    const { spec } = entry!.submission.jobs[0]!;
    assert.ok(spec.jobParameters?.startsWith(`--manifest 'secret:desc_panda_${result.id}:${key}#1' `));
    assert.equal(spec.specialHandling, 'us');
    assert.doesNotMatch(await world.journalText(), /X-Amz|verysecret/);
    const manifest = await fetchManifest(result.id, 1);
    const [, url = ''] = /^get\ta\.txt\t3\t[0-9a-f]{8}\t[0-9a-f]{64}\t(.*)$/m.exec(manifest) ?? [];
    assert.equal(await (await fetch(url)).text(), 'abc');
    const [, put = ''] = /^put\to\.fits\t(.*)$/m.exec(manifest) ?? [];
    await fetch(put, { method: 'PUT', body: 'image' });
    assert.equal(s3.objects.get(key.replace('manifests', 'out/1/1/o.fits'))?.bytes.toString(), 'image');
    assert.equal(manifest.match(/^live\tstdout\t/gm)?.length, 60);
    assert.match(manifest, /\ndone\tmanifest\.out\.json\t.*\nsecond-put\t/);
    assert.match(manifest, /\nsecond-done\tmanifest\.out\.json\t.*\nend\n$/);
  });

  it('has a bounded number of live pieces, shared by all its jobs', () => {
    const settings = s3Settings(s3.endpoint);
    assert.deepEqual(
      [1, 166, 167, 1000, 10_000, 10_001, 100_000].map((jobs) => piecesPerStream(settings, jobs)),
      [60, 60, 59, 10, 1, 0, 0],
    );
    assert.equal(piecesPerStream({ kind: 'folder', folder: '/x' }, 1), 0);
  });

  it('removes the secrets of earlier ones whose URL has run out, and no others', async () => {
    const urlOf = (time: string, seconds: number): string =>
      `https://s3.example.org/x?X-Amz-Date=${time}&X-Amz-Expires=${seconds}&X-Amz-Signature=0`;
    const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const others = {
      desc_panda_0000000001: urlOf('20260101T000000Z', 600),
      desc_panda_0000000002: urlOf(now, 600),
      desc_panda_0000000003: 'no URL',
      desc_panda_mine: urlOf('20260101T000000Z', 600),
      OTHER: urlOf('20260101T000000Z', 600),
    };
    for (const [key, value] of Object.entries(others)) world.server.secrets?.set(key, value);
    const { id } = await submitJobs(plan(1), deps());
    assert.deepEqual(
      [...(world.server.secrets ?? new Map()).keys()].sort(),
      [
        'OTHER',
        'desc_panda_0000000002',
        'desc_panda_0000000003',
        'desc_panda_mine',
        `desc_panda_${id}`,
      ].sort(),
    );
  });

  it('sets its secret again when another program lost it', async () => {
    let sets = 0;
    world.server.beforeSecret = () => Promise.resolve((sets += 1) === 2);
    const { id } = await submitJobs(plan(1), deps());
    assert.equal(sets, 2);
    assert.match(world.server.secrets?.get(`desc_panda_${id}`) ?? '', /X-Amz-Signature/);
  });

  it('signs for as long as its credentials last, and says so', async () => {
    const end = Date.now() + 10 * HOUR;
    const stores = quickStores((store) => endingAt(store, end));
    const result = await submitJobs(plan(1), deps('desc', stores));
    assert.match(
      result.warnings.join(),
      new RegExp(
        `^The URLs of its files are good for (9 h 59 m|10 h): before a job starts later than in (8 h 59 m|9 h), renew them with desc-panda stage renew ${result.id}\\.$`,
      ),
    );
    const [entry] = (await world.journal.list('sandbox')).entries;
    const { expiresAt } = entry!.submission.staging!.signed!;
    assert.ok(expiresAt <= end && expiresAt > end - 5000, String(end - expiresAt));
    const due = renewalDue(entry!.submission.staging) ?? 0;
    assert.ok(Math.abs(due - (end - 5 * HOUR)) < 60_000, 'half way, as they never were good for a day');
  });

  it('is renewed under the same name, when its day has come', async () => {
    const { id } = await submitJobs(await withFile(), deps());
    const before = world.server.secrets?.get(`desc_panda_${id}`);
    const [entry] = (await world.journal.list('sandbox')).entries;
    const { signed } = entry!.submission.staging!;
    assert.equal(renewalDue(entry!.submission.staging), signed!.expiresAt - 24 * HOUR);
    s3.objects.delete(manifestsKey());
    await renewStaging(id, deps());
    assert.match(await fetchManifest(id, 1), /^get\ta\.txt\t/m);
    assert.notEqual(before, undefined);
    assert.equal(world.server.secrets?.size, 1);
  });

  describe('refuses before anything is sent, and leaves nothing in the journal', () => {
    const refusal = async (stores = quickStores(), bucket = 'desc'): Promise<string> => {
      const error: unknown = await submitJobs(await withFile(), deps(bucket, stores)).catch(
        (e: unknown) => e,
      );
      assert.ok(error instanceof Error && 'advice' in error, String(error));
      assert.equal(world.server.calls, 0);
      assert.equal(await world.journalText(), '');
      assert.equal(world.server.secrets?.size ?? 0, 0);
      assert.doesNotMatch(error.message, /X-Amz|verysecret|AKID/);
      return `${error.message} → ${String(error.advice)}`;
    };
    const faults = (operation: string, fault: Fault): void => {
      s3.fault = (call: S3Call) => (call.operation === operation ? fault : undefined);
    };

    it('a bucket that is not there', async () => {
      assert.match(
        await refusal(quickStores(), 'nowhere'),
        /^Could not put .*a\.txt into bucket nowhere\/panda at 127\.0\.0\.1:\d+: there is no such bucket\. → Check bucket and endpoint in the staging settings$/,
      );
    });
    it('credentials that may not write', async () => {
      faults('PutObject', { kind: 'error', status: 403, code: 'AccessDenied', message: 'Access Denied' });
      assert.match(
        await refusal(),
        /^Could not put .* into bucket desc\/panda at .*: Access Denied\. → Check the credentials, and that they may use this bucket$/,
      );
    });
    it('a clock that is wrong', async () => {
      faults('PutObject', {
        kind: 'error',
        status: 403,
        code: 'RequestTimeTooSkewed',
        date: new Date('2020-01-01'),
      });
      assert.match(
        await refusal(),
        /the clocks of this machine and of the store differ too much\. → Set the clock/,
      );
    });
    it('a store that is full', async () => {
      faults('PutObject', { kind: 'error', status: 507, code: 'XMinioStorageFull', message: 'Storage full' });
      assert.match(await refusal(), /Storage full\. → Remove old files with desc-panda stage clean/);
    });
    it('a store that dies between the files and the manifests', async () => {
      s3.fault = ({ key }) => (key.endsWith('/manifests') ? { kind: 'cutRequest', after: 0 } : undefined);
      assert.match(
        await refusal(),
        /^Could not put .*manifests into bucket desc\/panda at .*: the connection broke/,
      );
    });
    it('a store that dies while a file is sent', async () => {
      s3.fault = ({ operation, key }) =>
        operation === 'PutObject' && key.includes('/in/') ? { kind: 'silence' } : undefined;
      assert.match(
        await refusal(),
        /^Could not put .*a\.txt into .*: no answer came in time|was silent for too long/,
      );
    });
    it('credentials that end before a job could', async () => {
      const end = Date.now() + HOUR;
      assert.equal(
        await refusal(quickStores((store) => endingAt(store, end))),
        `Could not sign URLs for jobs that may run 1 h: the credentials end at ${new Date(end).toISOString()}. → Sign in anew, use credentials that last longer, or ask for less walltime`,
      );
    });
    it('a server that keeps no secrets', async () => {
      world.server.secrets = undefined;
      assert.match(
        await refusal(),
        /^The server of sandbox \(http:.*\) keeps no secrets of its users, and jobs get the URLs of files in a bucket by one\. → Stage in a folder/,
      );
      assert.equal(s3.calls.length, 0, 'nothing is sent in vain');
    });
    it('a server that loses secrets', async () => {
      world.server.beforeSecret = () => Promise.resolve(false);
      assert.match(
        await refusal(),
        /^sandbox took the secret desc_panda_\w+, and does not have it\. Nothing was sent\./,
      );
    });
    it('a disk with no room for the manifests', async () => {
      const blocked = deps();
      await writeFile(blocked.uploadsFolder, 'a file');
      const error: unknown = await submitJobs(plan(1), blocked).catch((e: unknown) => e);
      assert.match(
        String(error),
        /Could not write .*uploads.*\.manifests: a file is in the place of a folder\./,
      );
      assert.equal(await world.journalText(), '');
    });
  });
});

/** A store whose credentials end at a time. */
function endingAt(store: StagingStore, end: number): StagingStore {
  return {
    describe: () => store.describe(),
    put: (...args) => store.put(...args),
    get: (...args) => store.get(...args),
    readRange: (...args) => store.readRange(...args),
    head: (...args) => store.head(...args),
    list: (...args) => store.list(...args),
    remove: (...args) => store.remove(...args),
    presign: async (...args) => {
      const { url, expiresAt } = await store.presign(...args);
      return { url, expiresAt: Math.min(end, expiresAt) };
    },
    parts: store.parts,
    dispose: () => store.dispose(),
  };
}
