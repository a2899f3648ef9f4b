import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHarness, type Harness } from './harness.ts';

interface Listed {
  readonly files: readonly { readonly name: string; readonly size: number; readonly url: string }[];
  readonly unusable: number;
}

describe('desc-panda files', () => {
  let harness: Harness;
  let pandaId: number;
  beforeEach(async () => {
    harness = await createHarness();
    const { stdout } = await harness.call(['submit', '--hello', '--json']);
    pandaId = (JSON.parse(stdout) as { jobs: { pandaId: number }[] }).jobs[0]!.pandaId;
    const storage = join(harness.folder, 'home', 'sandbox', 'storage', String(pandaId));
    await mkdir(storage, { recursive: true });
    await writeFile(join(storage, 'payload.stdout'), 'hello\n');
    await writeFile(join(storage, 'with blank é.fits'), Buffer.alloc(3_000_000, 7));
  });
  afterEach(() => harness.dispose());

  const call = (...words: string[]) => harness.call(['files', String(pandaId), ...words]);

  it('lists them with their sizes', async () => {
    const { stdout, stderr, code } = await call();
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Name +Size +Written\npayload\.stdout +6 B .*\nwith blank é\.fits +3\.0 MB .*\n$/);
    const { files, unusable } = JSON.parse((await call('--json')).stdout) as Listed;
    assert.deepEqual(
      files.map(({ name, size }) => [name, size]),
      [
        ['payload.stdout', 6],
        ['with blank é.fits', 3_000_000],
      ],
    );
    assert.equal(unusable, 0);
    assert.match(files[1]!.url, /\/storage\/\d+\/with%20blank%20%C3%A9\.fits$/);
  });

  it('downloads one, some or all of them', async () => {
    const one = await call('--get', 'payload.stdout');
    assert.deepEqual([one.code, one.stdout], [0, 'payload.stdout  6 B\n']);
    assert.equal(await readFile(join(harness.folder, 'payload.stdout'), 'utf8'), 'hello\n');
    const all = await call('--all', '--to', 'got/here', '--json');
    const { downloaded } = JSON.parse(all.stdout) as {
      downloaded: { name: string; path: string; size: number }[];
    };
    assert.deepEqual(
      downloaded.map(({ path, size }) => [path, size]),
      [
        [join(harness.folder, 'got/here/payload.stdout'), 6],
        [join(harness.folder, 'got/here/with blank é.fits'), 3_000_000],
      ],
    );
    assert.deepEqual((await readdir(join(harness.folder, 'got/here'))).sort(), [
      'payload.stdout',
      'with blank é.fits',
    ]);
  });

  it('replaces a file only with --force', async () => {
    await writeFile(join(harness.folder, 'payload.stdout'), 'mine');
    const refused = await call('--get', 'payload.stdout');
    assert.deepEqual([refused.code, refused.stdout], [4, '']);
    assert.match(
      refused.stderr,
      /^Could not download payload\.stdout: .*payload\.stdout is there already\.\n→ Remove it/,
    );
    assert.equal(await readFile(join(harness.folder, 'payload.stdout'), 'utf8'), 'mine');
    assert.equal((await call('--get', 'payload.stdout', '--force')).code, 0);
  });

  it('says what it does not find or understand', async () => {
    const missing = await call('--get', '../../etc/passwd');
    assert.equal(missing.code, 4);
    assert.match(missing.stderr, /the job has no such file\.\n→ See desc-panda files \d+\n$/);
    assert.equal((await call('--get', 'a', '--all')).code, 2);
    assert.equal((await call('--to', 'x')).code, 2);
    assert.equal((await harness.call(['files', '12345'])).code, 4);
    const bare = await harness.call(['files']);
    assert.deepEqual(
      [bare.code, bare.stderr.split('\n')[0]],
      [2, 'desc-panda files needs the PandaID of a job.'],
    );
  });

  it('of a job without any is said so', async () => {
    const { stdout } = await harness.call(['submit', '--hello', '--json']);
    const other = (JSON.parse(stdout) as { jobs: { pandaId: number }[] }).jobs[0]!.pandaId;
    const none = await harness.call(['files', String(other)]);
    assert.deepEqual([none.code, none.stdout], [0, `Job ${other} has no files that can be listed.\n`]);
  });
});
