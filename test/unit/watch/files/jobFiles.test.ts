import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { adler32, formatAdler32, PandaError, type MonitorFile } from '../../../../src/panda/index.ts';
import { createStagingStores, StagingError } from '../../../../src/staging/index.ts';
import { createJobFiles, downloadJobFile, type JobFile, type JobFiles } from '../../../../src/watch/index.ts';
import { record } from '../scriptedServer.ts';

const PILOT = 'http://host/storage/7/pilotlog.txt|sandbox|PR|1';

/** A client whose monitor lists these files, with contents by URL. */
function client(
  files: readonly Partial<MonitorFile>[] | Error | undefined,
  contents: Readonly<Record<string, string>> = {},
) {
  const listed = (): Promise<readonly MonitorFile[]> =>
    files instanceof Error
      ? Promise.reject(files)
      : Promise.resolve(
          (files ?? []).map((file) => {
            const name = file.name ?? 'x';
            return { name, folder: '', size: null, modified: null, url: `http://host/${name}`, ...file };
          }),
        );
  return {
    files: {
      readRange: (url: string, from: number, length: number) => {
        const content = contents[url];
        if (content === undefined) {
          const facts = { tried: 'read', cameBack: 'there is no such file (yet)', advice: 'Wait' };
          return Promise.reject(new PandaError({ kind: 'notFound', ...facts }));
        }
        const bytes = Buffer.from(content);
        return Promise.resolve({
          bytes: bytes.subarray(from, from + Math.min(length, 5)),
          size: bytes.length,
        });
      },
    },
    monitor: files === undefined ? undefined : { filesOfJob: listed },
  };
}

const jobFiles = (source: ReturnType<typeof client>): JobFiles =>
  createJobFiles(source, { profile: {}, stores: createStagingStores() });

const job = (change: object = {}) => record({ PandaID: 7, pilotID: null, ...change });

describe('the files of a job', () => {
  it('are those the monitor lists, in folders, by name', async () => {
    const source = jobFiles(
      client([
        { name: 'b', size: 3 },
        { name: 'a', folder: '/logs//deep/' },
        { name: 'b', size: 4 },
      ]),
    );
    const { files, unusable } = await source.list(job());
    assert.equal(unusable, 0);
    assert.deepEqual(
      files.map(({ name, size }) => [name, size]),
      [
        ['b', 4],
        ['logs/deep/a', null],
      ],
    );
  });

  it('carry the checksum that PanDA knows of them', async () => {
    const source = jobFiles(client([{ name: 'out.fits' }, { name: 'other' }]));
    const written = [{ lfn: 'out.fits', type: 'output', checksum: 'ad:0A1B2C3D' }];
    const { files } = await source.list(job({ Files: written }));
    assert.deepEqual(
      files.map(({ adler32: sum }) => sum),
      [null, '0a1b2c3d'],
    );
  });

  for (const [name, folder] of [
    ['..', ''],
    ['../../etc/passwd', ''],
    ['passwd', '../../etc'],
    ['passwd', '/a/../../..'],
    ['a\\..\\b', ''],
    ['a\u0000b', ''],
    ['a\nb', ''],
    ['C:\\x', ''],
    ['C:x', ''],
    ['', ''],
    ['.', 'x'],
    ['x'.repeat(300), ''],
    ['gpj.\u202eexe', ''],
    ['zero\u200bwidth', ''],
  ] as const) {
    it(`with the name ${JSON.stringify(`${folder}|${name}`).slice(0, 40)} cannot be used`, async () => {
      const { files, unusable } = await jobFiles(client([{ name, folder }])).list(job());
      assert.deepEqual([files.length, unusable], [0, 1]);
    });
  }

  it('are the logs beside the pilot’s where the monitor cannot tell, or there is none', async () => {
    const contents = {
      'http://host/storage/7/payload.stdout': 'hello',
      'http://host/storage/7/pilotlog.txt': 'pilot',
    };
    const refused = new PandaError({ kind: 'rejected', tried: 'list', cameBack: 'gs', advice: 'Look' });
    for (const monitor of [refused, undefined]) {
      const { files } = await jobFiles(client(monitor, contents)).list(job({ pilotID: PILOT }));
      assert.deepEqual(
        files.map(({ name, size, url }) => [name, size, url]),
        [
          ['payload.stdout', 5, 'http://host/storage/7/payload.stdout'],
          ['pilotlog.txt', 5, 'http://host/storage/7/pilotlog.txt'],
        ],
      );
    }
    await assert.rejects(jobFiles(client(refused)).list(job()), refused);
    assert.deepEqual(await jobFiles(client(undefined)).list(job()), {
      files: [],
      inputs: [],
      unusable: 0,
      trouble: null,
    });
  });
});

describe('downloading a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'job-files-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const content = 'a text that comes in many pieces';
  const source = jobFiles(client([], { 'http://host/f': content }));
  const file = (change: Partial<JobFile> = {}): JobFile => {
    const facts = { size: null, modified: null, url: 'http://host/f', adler32: null, sha256: null };
    return { name: 'f', kind: 'output', ...facts, staged: undefined, ...change };
  };

  it('puts it together, in its folder, under its name or another', async () => {
    const sum = formatAdler32(adler32(Buffer.from(content)));
    const seen: number[] = [];
    const path = await downloadJobFile(
      source,
      file({ name: 'deep/er/f', adler32: sum }),
      { folder },
      { onProgress: (bytes) => seen.push(bytes) },
    );
    assert.equal(path, join(folder, 'deep', 'er', 'f'));
    assert.equal(await readFile(path, 'utf8'), content);
    assert.equal(seen.at(-1), content.length);
    const other = await downloadJobFile(source, file(), { folder, name: 'g' });
    assert.equal(await readFile(other, 'utf8'), content);
    assert.deepEqual((await readdir(folder)).sort(), ['deep', 'g']);
  });

  it('makes an empty file of an empty one', async () => {
    const empty = jobFiles(client([], { 'http://host/f': '' }));
    assert.equal(await readFile(await downloadJobFile(empty, file(), { folder }), 'utf8'), '');
  });

  it('replaces nothing unless told to', async () => {
    await writeFile(join(folder, 'f'), 'mine');
    await assert.rejects(downloadJobFile(source, file(), { folder }), /f is there already/);
    assert.equal(await readFile(join(folder, 'f'), 'utf8'), 'mine');
    await downloadJobFile(source, file(), { folder }, { replace: true });
    assert.equal(await readFile(join(folder, 'f'), 'utf8'), content);
  });

  it('leaves nothing behind of a file that is not whole, or not the one that was written', async () => {
    const short: JobFiles = {
      ...source,
      read: (_, from) => Promise.resolve({ bytes: Buffer.from(from === 0 ? 'abc' : ''), size: 10 }),
    };
    await assert.rejects(downloadJobFile(short, file(), { folder }), /only 3 of 10 bytes came/);
    await assert.rejects(
      downloadJobFile(source, file({ adler32: '00000001' }), { folder }),
      /its adler32 is [0-9a-f]{8}, not 00000001/,
    );
    await assert.rejects(
      downloadJobFile(source, file({ sha256: '0'.repeat(64) }), { folder }),
      /its sha256 is [0-9a-f]{16}…, not 0{16}…/,
    );
    const stop = new AbortController();
    const stopped: JobFiles = {
      ...source,
      read: (...args) => {
        stop.abort();
        return source.read(...args);
      },
    };
    await assert.rejects(downloadJobFile(stopped, file(), { folder }, { signal: stop.signal }), {
      name: 'AbortError',
    });
    assert.deepEqual(await readdir(folder), []);
  });

  it('says in a sentence what the disk says', async () => {
    await writeFile(join(folder, 'plain'), '');
    await assert.rejects(
      downloadJobFile(source, file({ name: 'plain/f' }), { folder }),
      (error) =>
        error instanceof StagingError && error.kind === 'local' && !/ENOTDIR|EEXIST/.test(error.message),
    );
  });

  it('never writes outside the folder, whatever the name', async () => {
    const inner = join(folder, 'inner');
    await mkdir(inner);
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', '/', 'a', 'C:', '\\', '..\\x', '\u0000'),
      fc.string({ maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
        try {
          await downloadJobFile(
            source,
            file({ name: parts.join('/') }),
            { folder: inner },
            { replace: true },
          );
        } catch (error) {
          assert.ok(error instanceof StagingError, String(error));
        }
        assert.deepEqual(await readdir(folder), ['inner']);
      }),
      { numRuns: 200 },
    );
  });
});
