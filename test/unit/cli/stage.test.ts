import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeToken } from '../panda/auth/fakeProvider.ts';
import { ScriptedS3 } from '../staging/scriptedS3.ts';
import { createHarness } from './harness.ts';
import type { CallOptions, Harness, Printed } from './harness.ts';

const sha256 = createHash('sha256').update('object 1\n').digest('hex');
const AREA = 'panda/2026-11-01/mi1f9x0k2a';

describe('desc-panda stage', () => {
  let harness: Harness;
  let staging: string;
  beforeEach(async () => {
    harness = await createHarness();
    staging = join(harness.folder, 'home', 'sandbox', 'staging');
    await writeFile(join(harness.folder, 'cat.txt'), 'object 1\n');
  });
  afterEach(() => harness.dispose());

  const call = (line: string, options?: CallOptions): Promise<Printed> =>
    harness.call(line.split(' '), options);
  const json = async <T>(line: string): Promise<T> => JSON.parse((await call(`${line} --json`)).stdout) as T;
  /** An area with two outputs, put a month ago. */
  const withArea = async (): Promise<void> => {
    const folder = join(staging, AREA, 'out', '1', '1');
    await mkdir(join(folder, 'images'), { recursive: true });
    for (const name of ['a.log', 'images/e.fits']) {
      await writeFile(join(folder, name), name);
      const old = Date.now() / 1000 - 30 * 86_400;
      await utimes(join(folder, name), old, old);
    }
  };

  it('has what a submission stages, below its own folder where it says so', async () => {
    await writeFile(join(harness.folder, 's.sh'), '#!/bin/sh\n');
    const text = 'transformation: script\nfile: s.sh\ninputs: [cat.txt]\nstaging: {folder: trial/1}\n';
    await writeFile(join(harness.folder, 'a.panda.yaml'), text);
    const dry = await call('submit a.panda.yaml --dry-run');
    assert.match(dry.stdout, /^Staged in .*\/staging\/trial\/1$/m);
    assert.match(dry.stdout, /^ {2}\/.*\/cat\.txt {2}9 B$/m);
    const { id } = await json<{ id: string }>('submit a.panda.yaml');
    assert.equal((await call('stage ls')).stdout, 'Nothing of yours is staged.\n');
    const { areas, inputs } = await json<{ areas: { area: string }[]; inputs: object }>(
      'stage ls --below trial/1',
    );
    assert.match(areas[0]?.area ?? '', new RegExp(`^\\d{4}-\\d\\d-\\d\\d/${id}$`));
    assert.deepEqual(inputs, { files: 2, size: 19 });
  });

  it('renews what is signed for jobs that wait', async () => {
    const { id } = await json<{ id: string }>('submit --hello');
    const renewed = await call(`stage renew ${id}`);
    assert.equal(renewed.code, 0);
    assert.match(renewed.stdout, new RegExp(`^${id} {2}good until \\d{4}-\\d\\d-\\d\\d .*\\n$`));
    const { renewed: list } = await json<{ renewed: { id: string; expiresAt: string }[] }>(
      `stage renew ${id}`,
    );
    assert.ok(Date.parse(list[0]?.expiresAt ?? '') > Date.now() + 3 * 86_400_000);
    assert.equal((await call('stage renew')).code, 2);
    const other = await call('stage renew mi1f9x0k2a');
    assert.equal(other.code, 4);
    assert.match(other.stderr, /There is no submission mi1f9x0k2a/);
  });

  it('keeps the files of whom the token names, as a submission does', async () => {
    const bucket = join(harness.folder, 'bucket');
    const profile = {
      ...{ server: 'http://127.0.0.1:9', vo: 'Rubin' },
      authentication: { kind: 'token', tokenVariable: 'MY_TOKEN' },
      staging: { kind: 'folder', folder: bucket },
    };
    await mkdir(join(harness.folder, 'config', 'desc-panda'), { recursive: true });
    await writeFile(
      join(harness.folder, 'config', 'desc-panda', 'profiles.json'),
      JSON.stringify({ default: 'far', profiles: { far: profile } }),
    );
    const env = { MY_TOKEN: makeToken({ name: 'Jane Doe', exp: 4e9 }) };
    const { stdout, stderr } = await call('stage put cat.txt', { env });
    assert.equal(stdout, `Jane_Doe/in/sha256/${sha256}/cat.txt  9 B\n`, stderr);
    assert.match((await call('stage ls', { env })).stderr, /, as Jane_Doe\.$/m);
  });

  it('puts files by content, once', async () => {
    const first = await call('stage put cat.txt');
    assert.deepEqual(first, { code: 0, stdout: `panda/in/sha256/${sha256}/cat.txt  9 B\n`, stderr: '' });
    assert.match((await call('stage put cat.txt')).stdout, /\(was there\)/);
    const { files } = await json<{ files: object[] }>('stage put cat.txt');
    assert.deepEqual(files, [
      {
        path: join(harness.folder, 'cat.txt'),
        key: `panda/in/sha256/${sha256}/cat.txt`,
        size: 9,
        adler32: '10cf02d3',
        sha256,
        unchanged: true,
      },
    ]);
  });

  it('lists areas with sizes and ages, and files below a place', async () => {
    assert.match((await call('stage ls')).stdout, /Nothing of yours is staged/);
    await withArea();
    await call('stage put cat.txt');
    const { stdout, stderr } = await call('stage ls');
    assert.match(stdout, /AREA +FILES +SIZE +LAST PUT\n2026-11-01\/mi1f9x0k2a +2 +18 B +20.*\nin +1 +9 B/);
    assert.match(stderr, /In folder .*staging, as panda\./);
    const below = await json<{ files: { key: string }[] }>('stage ls 2026-11-01/mi1f9x0k2a/out/1/1/images');
    assert.deepEqual(
      below.files.map(({ key }) => key),
      [`${AREA}/out/1/1/images/e.fits`],
    );
    const all = await json<{ areas: object[]; inputs: object }>('stage ls');
    assert.equal(all.areas.length, 1);
    assert.deepEqual(all.inputs, { files: 1, size: 9 });
  });

  it('gets a file, an area, and what lies below a key, and replaces nothing unasked', async () => {
    await withArea();
    await call('stage get 2026-11-01/mi1f9x0k2a/out/1/1/ -o results');
    assert.equal(
      await readFile(join(harness.folder, 'results', 'images', 'e.fits'), 'utf8'),
      'images/e.fits',
    );
    await call('stage get 2026-11-01/mi1f9x0k2a -o area');
    assert.equal(await readFile(join(harness.folder, 'area', 'out', '1', '1', 'a.log'), 'utf8'), 'a.log');
    await call(`stage get ${AREA}/out/1/1/a.log`);
    const again = await call(`stage get ${AREA}/out/1/1/a.log`);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /is there already.*\n→ .*--force/);
    assert.equal((await call(`stage get ${AREA}/out/1/1/a.log --force`)).code, 0);
    assert.equal((await call('stage get 2026-11-01/none/')).code, 2);
    assert.equal((await call('stage get none')).code, 4);
  });

  it('cleans only after a yes, and shows sizes before', async () => {
    await withArea();
    const no = await call('stage clean 2026-11-01/mi1f9x0k2a', { answer: 'n' });
    assert.equal(no.code, 4);
    assert.match(no.stderr, /mi1f9x0k2a +2 files, 18 B, last put/);
    assert.match(harness.questions[0] ?? '', /Remove all this, 18 B\?/);
    assert.equal((await json<{ areas: object[] }>('stage ls')).areas.length, 1);
    assert.equal((await call('stage clean mi1f9x0k2a')).code, 2);
    const yes = await call('stage clean mi1f9x0k2a', { answer: 'y' });
    assert.match(yes.stdout, /Removed 2 files, 18 B/);
    assert.equal((await json<{ areas: object[] }>('stage ls')).areas.length, 0);
  });

  it('cleans what is old, and inputs that nothing uses', async () => {
    await withArea();
    await call('stage put cat.txt');
    assert.match((await call('stage clean --older-than 60d --yes')).stdout, /nothing to remove/);
    assert.match((await call('stage clean --inputs --yes')).stdout, /nothing to remove/);
    const input = join(staging, 'panda', 'in', 'sha256', sha256, 'cat.txt');
    const old = Date.now() / 1000 - 2 * 86_400;
    await utimes(input, old, old);
    const { files, areas } = await json<{ files: number; areas: string[] }>(
      'stage clean --older-than 20d --inputs --yes',
    );
    assert.deepEqual([files, areas], [3, ['2026-11-01/mi1f9x0k2a']]);
  });

  for (const [line, words] of [
    ['stage', /What is to be done/],
    ['stage mv a b', /does not know mv/],
    ['stage put', /No file is named/],
    ['stage put none.txt', /there is no such file/],
    ['stage get', /No key is named/],
    ['stage get ../../etc/passwd', /leads out/],
    ['stage ls ../', /leads out/],
    ['stage clean', /Nothing is named/],
    ['stage clean nothing --yes', /no staging area nothing/],
  ] as const) {
    it(`refuses: ${line}`, async () => {
      const { code, stderr, stdout } = await call(line);
      assert.ok(code === 2 || code === 6, String(code));
      assert.match(stderr, words);
      assert.equal(stdout, '');
    });
  }

  it('says that a profile has no staging, and uses the one it has', async () => {
    const s3 = new ScriptedS3();
    await s3.start();
    const profile = { server: 'http://127.0.0.1:1', vo: 'lsst', user: 'Ada L' };
    const at = { kind: 's3', bucket: 'desc', prefix: 'p', endpoint: s3.endpoint };
    const profiles = {
      none: profile,
      s3: { ...profile, staging: at },
      lost: { ...profile, staging: { ...at, bucket: 'other' } },
    };
    await mkdir(join(harness.folder, 'config', 'desc-panda'), { recursive: true });
    await writeFile(
      join(harness.folder, 'config', 'desc-panda', 'profiles.json'),
      JSON.stringify({ profiles }),
    );
    const none = await call('stage ls --profile none');
    assert.deepEqual([none.code, none.stdout], [2, '']);
    assert.match(none.stderr, /does not say where files are staged/);
    const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    const before = Object.keys(keys).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, keys);
    try {
      assert.equal((await call('stage put cat.txt --profile s3')).code, 0);
      assert.deepEqual([...s3.objects.keys()], [`p/Ada_L/in/sha256/${sha256}/cat.txt`]);
      const lost = await call('stage put cat.txt --profile lost');
      assert.equal(lost.code, 4);
      assert.match(lost.stderr, /there is no such bucket.*\n→ Check bucket/);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
      await s3.stop();
    }
  });
});
