import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PandaError } from '../../../../src/panda/index.ts';
import type { JobRecord, MonitorFile, StagingSettings } from '../../../../src/panda/index.ts';
import {
  checksumsOf,
  createStagingStores,
  firstRunKey,
  liveLogKey,
  manifestReference,
  manifestsKey,
  openStagingStore,
  outManifestKey,
  outputKey,
  sharedInputKey,
} from '../../../../src/staging/index.ts';
import type { StagingStore } from '../../../../src/staging/index.ts';
import { createJobFiles, downloadJobFile, findLog } from '../../../../src/watch/index.ts';
import type { JobFiles, JobFilesClient, LogSource } from '../../../../src/watch/index.ts';
import { ScriptedS3 } from '../../staging/scriptedS3.ts';
import { record } from '../scriptedServer.ts';
import { s3Settings, TEST_KEYS } from '../stagingWorld.ts';

const AREA = { user: 'jane', date: '2026-11-23', submissionId: 'mi1f9x0k2a' };
const ATTEMPT = { area: AREA, jobId: '17', attempt: 1 };
const IMAGE = Buffer.from('an image');
const INPUT = Buffer.from('stars');

for (const kind of ['a folder', 'a bucket'] as const) {
  describe(`a job whose files are staged in ${kind}`, () => {
    let folder: string;
    let s3: ScriptedS3;
    let settings: StagingSettings;
    let store: StagingStore;
    const stores = createStagingStores(TEST_KEYS);
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'staged-'));
      s3 = new ScriptedS3();
      await s3.start();
      settings = kind === 'a folder' ? { kind: 'folder', folder } : s3Settings(s3.endpoint);
      store = openStagingStore(settings, TEST_KEYS);
    });
    afterEach(async () => {
      store.dispose();
      await s3.stop();
      await rm(folder, { recursive: true, force: true });
    });
    after(() => stores.dispose());

    const job = (change: object = {}): JobRecord =>
      record({
        PandaID: 7,
        pilotID: null,
        jobStatus: 'finished',
        startTime: '2026-11-23 10:00:00',
        jobParameters: `--manifest '${manifestReference(settings, AREA, 17)}' --memory 1 --walltime 2 -- a b`,
        ...change,
      });
    const put = (name: string, content: string | Uint8Array) =>
      store.put(outputKey(ATTEMPT, name), Buffer.from(content));
    /** All that a job leaves. */
    const leave = async (): Promise<void> => {
      await put('deep/image 1.fits', IMAGE);
      await put('payload.stdout', 'hello\n');
      await store.put(liveLogKey(ATTEMPT, 'stdout', 0), Buffer.from('hel'));
      const sums = checksumsOf(IMAGE);
      const files = [{ name: 'deep/image 1.fits', ...sums, md5: 'x' }];
      const done = { version: 1, exitCode: 0, payloadExitCode: 0, files };
      await store.put(outManifestKey(ATTEMPT), Buffer.from(JSON.stringify(done)));
      const input = checksumsOf(INPUT);
      await store.put(sharedInputKey('jane', input.sha256, 'catalog/a.txt'), INPUT);
      const line = ['get', 'catalog/a.txt', input.size, input.adler32, input.sha256, 'https://x'].join('\t');
      const manifest = `desc-panda-manifest 1\n${line}\nput\tdeep/image 1.fits\thttps://x\nend\n`;
      const digits = (value: number): string => String(value).padStart(11, '0');
      const index = `${digits(0)} ${digits(0)}\n`.repeat(16) + `${digits(408)} ${digits(manifest.length)}\n`;
      await store.put(manifestsKey(AREA), Buffer.from(index + manifest));
    };
    const client = (monitor: readonly Partial<MonitorFile>[] | Error = []): JobFilesClient => ({
      files: {
        readRange: (url) =>
          Promise.reject(
            new PandaError({ kind: 'notFound', tried: `read ${url}`, cameBack: 'no', advice: 'Wait' }),
          ),
      },
      monitor: {
        filesOfJob: () =>
          monitor instanceof Error
            ? Promise.reject(monitor)
            : Promise.resolve(
                monitor.map((file) => ({
                  ...{ name: 'x', folder: '', size: 1, modified: null, url: 'http://host/x' },
                  ...file,
                })),
              ),
      },
    });
    const files = (given = client()): JobFiles =>
      createJobFiles(given, { profile: { staging: settings }, stores });

    it('has its outputs, logs and inputs listed, with what the wrapper summed', async () => {
      await leave();
      const list = await files().list(job());
      assert.deepEqual([list.unusable, list.trouble], [0, null]);
      assert.deepEqual(
        list.files.map((file) => [file.name, file.kind, file.size, file.sha256]),
        [
          ['deep/image 1.fits', 'output', 8, checksumsOf(IMAGE).sha256],
          ['payload.stdout', 'log', 6, null],
        ],
      );
      assert.equal(list.files[0]?.adler32, checksumsOf(IMAGE).adler32);
      assert.ok((list.files[0]?.modified ?? 0) > Date.now() - 60_000);
      const place = kind === 'a folder' ? `file://${folder}` : 's3://desc/panda';
      const shown = kind === 'a folder' ? 'image%201' : 'image 1';
      assert.equal(list.files[0].url, `${place}/jane/2026-11-23/mi1f9x0k2a/out/17/1/deep/${shown}.fits`);
      assert.deepEqual(
        list.inputs.map((file) => [file.name, file.kind, file.size]),
        [['inputs/catalog/a.txt', 'input', 5]],
      );
    });

    it('has them read by parts, downloaded whole, and opened by others', async () => {
      await leave();
      const source = files();
      const { files: left, inputs } = await source.list(job());
      const image = left[0]!;
      const part = await source.read(image, 3, 100);
      assert.deepEqual([Buffer.from(part.bytes).toString(), part.size], ['image', 8]);
      const target = { folder: join(folder, 'got') };
      assert.equal(await readFile(await downloadJobFile(source, image, target), 'utf8'), 'an image');
      assert.equal(await readFile(await downloadJobFile(source, inputs[0]!, target), 'utf8'), 'stars');
      const address = await source.address(image);
      if (kind === 'a folder') assert.equal(await readFile(address, 'utf8'), 'an image');
      else assert.equal(await (await fetch(address)).text(), 'an image');
      await put('deep/image 1.fits', 'an imagE');
      await assert.rejects(
        downloadJobFile(source, image, { folder: join(folder, 'again') }),
        /its sha256 is .*, not /,
      );
      await store.remove([outputKey(ATTEMPT, 'deep/image 1.fits')]);
      await assert.rejects(source.read(image, 0, 1), { name: 'PandaError', kind: 'notFound' });
    });

    it('shows them together with what the pilot left, whose logs count', async () => {
      await leave();
      const pilot = [
        { name: 'payload.stdout', size: 99 },
        { name: 'pilotlog.txt', size: 3 },
      ];
      const { files: left } = await files(client(pilot)).list(job());
      assert.deepEqual(
        left.map(({ name, size }) => [name, size]),
        [
          ['deep/image 1.fits', 8],
          ['payload.stdout', 99],
          ['pilotlog.txt', 3],
        ],
      );
      const refused = new PandaError({ kind: 'rejected', tried: 'list', cameBack: 'gs', advice: 'Look' });
      assert.equal((await files(client(refused)).list(job())).files.length, 2);
    });

    it('shows what there is while it runs, before there is a list of it', async () => {
      assert.deepEqual((await files().list(job())).files, []);
      await put('early.txt', 'x');
      const { files: left, trouble } = await files().list(job({ jobStatus: 'running' }));
      assert.deepEqual(
        left.map(({ name, sha256 }) => [name, sha256]),
        [['early.txt', null]],
      );
      assert.equal(trouble, null);
    });

    it('has its files apart from those of the run that the server lost', async () => {
      await leave();
      await store.put(firstRunKey(ATTEMPT), Buffer.from('7\n'));
      await store.put(outputKey({ ...ATTEMPT, attempt: 2 }, 'payload.stdout'), Buffer.from('again\n'));
      const shown = async (PandaID: number): Promise<readonly unknown[]> => {
        const list = await files().list(job({ PandaID }));
        const log = findLog(
          { files: client().files },
          { profile: { staging: settings }, stores },
        )(job({ PandaID }));
        const { bytes } = await log!.read('payload.stdout', 0, 100);
        return [list.files.length, list.inputs.length, Buffer.from(bytes).toString()];
      };
      assert.deepEqual(await shown(7), [2, 1, 'hello\n']);
      assert.deepEqual(await shown(8), [1, 1, 'again\n']);
      await store.put(firstRunKey(ATTEMPT), Buffer.from('no id of ours'));
      assert.deepEqual(await shown(8), [2, 1, 'hello\n']);
    });

    it('says what hinders, and shows the rest', async () => {
      await leave();
      await store.put(outManifestKey(ATTEMPT), Buffer.from('{'));
      const list = await files().list(job());
      assert.equal(list.files.length, 2);
      assert.match(list.trouble?.message ?? '', /^Could not read .*manifest\.out\.json: it is not JSON\.$/);
      await rm(folder, { recursive: true });
      await writeFile(folder, 'a file');
      s3.fault = () => ({ kind: 'error', status: 403, code: 'AccessDenied' });
      const denied = await files(client([{ name: 'pilotlog.txt' }])).list(job());
      assert.deepEqual(
        denied.files.map(({ name }) => name),
        ['pilotlog.txt'],
      );
      if (kind === 'a bucket') assert.match(denied.trouble?.message ?? '', /AccessDenied/);
    });

    it('is looked for nowhere else than the profile says', async () => {
      await leave();
      for (const jobParameters of [
        null,
        '--memory 1 -- a',
        `--manifest '/etc/${AREA.user}/x/manifests#1' -- a`,
        `-- --manifest '${manifestReference(settings, AREA, 17)}'`,
        `--manifest '${manifestReference({ kind: 'folder', folder: '/elsewhere' }, AREA, 17)}' -- a`,
        `--manifest 'secret:desc_panda_mi1f9x0k2a:other/jane/2026-11-23/mi1f9x0k2a/manifests#17' -- a`,
        `--manifest '`,
      ]) {
        const list = await files().list(job({ jobParameters }));
        assert.deepEqual([list.files, list.inputs], [[], []], String(jobParameters));
        assert.equal(await files().staged(job({ jobParameters })), undefined);
      }
    });

    describe('has a log that', () => {
      const find = (change: object = {}, given = client()): LogSource =>
        findLog({ files: given.files }, { profile: { staging: settings }, stores })(job(change)) ??
        assert.fail('no log');
      const read = async (log: LogSource, from = 0): Promise<string> => {
        const { bytes, size } = await log.read('payload.stdout', from, 100);
        return `${Buffer.from(bytes).toString()} ${size}`;
      };

      it('comes piece by piece while it runs, and goes on whole', async () => {
        const log = find({ jobStatus: 'running' });
        await assert.rejects(read(log), { name: 'PandaError', kind: 'notFound' });
        await store.put(liveLogKey(ATTEMPT, 'stdout', 0), Buffer.from('one\n'));
        assert.equal(await read(log), 'one\n 4');
        await store.put(liveLogKey(ATTEMPT, 'stdout', 1), Buffer.from('two\n'));
        assert.equal(await read(log, 4), 'two\n 8');
        await put('payload.stdout', 'one\ntwo\nthree\n');
        assert.equal(await read(log, 8), 'three\n 14');
        await assert.rejects(log.read('pilotlog.txt', 0, 1), { name: 'PandaError', kind: 'notFound' });
      });

      it('is the one of the pilot where there is one, and stays that', async () => {
        await put('payload.stdout', 'staged');
        const contents = new Map([['http://host/7/payload.stdout', 'of the pilot']]);
        const pilot: JobFilesClient = {
          ...client(),
          files: {
            readRange: (url, from, length) => {
              const content = contents.get(url);
              if (content === undefined) return client().files.readRange(url, from, length);
              const bytes = Buffer.from(content).subarray(from, from + length);
              return Promise.resolve({ bytes, size: content.length });
            },
          },
        };
        const pilotID = 'http://host/7/pilotlog.txt|x';
        const log = find({ pilotID }, pilot);
        assert.equal(await read(log), 'of the pilot 12');
        contents.clear();
        await assert.rejects(read(log), { kind: 'notFound' });
        assert.equal(await read(log), 'staged 6', 'gone there, it is looked for again');
        contents.set('http://host/7/payload.stdout', 'of the pilot');
        assert.equal(await read(log), 'staged 6', 'a reader is not moved to other bytes');
        assert.equal(await read(find({ pilotID }, pilot)), 'of the pilot 12');
      });

      it('is looked for when the job has started, not before', () => {
        const finder = findLog({ files: client().files }, { profile: { staging: settings }, stores });
        assert.equal(finder(job({ startTime: null, jobStatus: 'activated' })), undefined);
      });
    });
  });
}
