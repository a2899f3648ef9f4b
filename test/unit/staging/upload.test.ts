import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checksumsOf, folderStore, uploadFiles, uploadInputs } from '../../../src/staging/index.ts';
import type { StagingStore, TransferProgress } from '../../../src/staging/index.ts';
import { partSizeFor } from '../../../src/staging/transfer/partSize.ts';
import type { ScriptedS3 } from './scriptedS3.ts';
import { ofKind } from './useS3.ts';
import { LARGE, PART, useUploads } from './useUploads.ts';

const MiB = 1024 * 1024;

describe('parts of uploads', () => {
  it('are 8 MiB, and larger where there would be too many', () => {
    assert.equal(partSizeFor(0), 8 * MiB);
    assert.equal(partSizeFor(9_999 * 8 * MiB), 8 * MiB);
    assert.equal(partSizeFor(9_999 * 8 * MiB + 1), 9 * MiB);
    const fiveTiB = 5 * 1024 ** 4;
    assert.ok(Math.ceil(fiveTiB / partSizeFor(fiveTiB)) <= 10_000);
    assert.equal(partSizeFor(fiveTiB) % MiB, 0);
  });
});

describe('uploads', () => {
  const uploads = useUploads();
  const { bytesOf, made, options, sendLarge } = uploads;
  let s3: ScriptedS3;
  let store: StagingStore;
  beforeEach(() => {
    ({ s3, store } = uploads);
  });

  it('of inputs go by content, with sums recorded', async () => {
    const content = Buffer.from('object 1 2 3\n');
    const path = await made('cat', content);
    const [file] = await uploadInputs(store, 'ada', [{ path, name: 'my cat.txt' }], options());
    const sums = checksumsOf(content);
    assert.deepEqual(file, {
      path,
      key: `ada/in/sha256/${sums.sha256}/my cat.txt`,
      checksums: sums,
      unchanged: false,
    });
    assert.deepEqual(bytesOf(file.key), content);
    assert.deepEqual(s3.objects.get(file.key)?.metadata, { adler32: sums.adler32, sha256: sums.sha256 });
  });

  it('send nothing again that is there, few or many', async () => {
    const files = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => ({
        path: await made(`f${index}`, randomBytes(index)),
        name: `f${index}`,
      })),
    );
    files.push({ path: await made('large', LARGE), name: 'large' });
    await uploadInputs(store, 'ada', files.slice(0, 3), options());
    const second = await uploadInputs(store, 'ada', files, options());
    assert.deepEqual(
      second.map(({ unchanged }) => unchanged),
      [true, true, true, ...files.slice(3).map(() => false)],
    );
    const puts = s3.count('PutObject') + s3.count('UploadPart');
    const heads = s3.count('HeadObject');
    assert.ok((await uploadInputs(store, 'ada', files, options())).every(({ unchanged }) => unchanged));
    assert.equal(s3.count('PutObject') + s3.count('UploadPart'), puts);
    // One listing tells it all.
    assert.equal(s3.count('HeadObject'), heads);
  });

  it('send again what is there with another length', async () => {
    const path = await made('f', Buffer.from('123'));
    const [file] = await uploadInputs(store, 'ada', [{ path, name: 'f' }], options());
    s3.objects.set(file!.key, { ...s3.objects.get(file!.key)!, bytes: Buffer.from('12') });
    const [again] = await uploadInputs(store, 'ada', [{ path, name: 'f' }], options());
    assert.equal(again?.unchanged, false);
    assert.equal(bytesOf(file!.key)?.toString(), '123');
  });

  it('of LARGE files go in parts, and the parts fit together', async () => {
    await sendLarge();
    assert.deepEqual(bytesOf('k'), LARGE);
    assert.equal(s3.count('UploadPart'), 7);
    assert.equal(s3.uploads.size, 0);
    assert.deepEqual(await readdir(join(uploads.folder, 'notes')), []);
    assert.equal(s3.objects.get('k')?.metadata.sha256, checksumsOf(LARGE).sha256);
  });

  it('of empty files, and of just one part, arrive', async () => {
    const one = randomBytes(PART);
    const files = [
      { path: await made('e', new Uint8Array()), key: 'e' },
      { path: await made('o', one), key: 'o' },
      { path: await made('m', randomBytes(MiB + 1)), key: 'm' },
    ];
    await uploadFiles(store, files, options({ partSize: 2 * MiB }));
    assert.equal(bytesOf('e')?.length, 0);
    assert.deepEqual(bytesOf('o'), one);
    assert.deepEqual(bytesOf('m'), await readFile(join(uploads.folder, 'm')));
    assert.equal(s3.count('CreateMultipartUpload'), 0);
  });

  it('stop all at the first trouble that stays, and say what it was', async () => {
    const files = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => ({
        path: await made(`f${index}`, randomBytes(10)),
        key: `k${index}`,
      })),
    );
    s3.fault = ({ key }) => (key === 'k5' ? { kind: 'error', status: 403, code: 'AccessDenied' } : undefined);
    await assert.rejects(
      uploadFiles(store, files, options()),
      (error) => ofKind('denied')(error) && String(error).includes('k5'),
    );
    assert.ok(s3.count('PutObject') < 200);
  });

  it('give up in the end, with growing waits in between', async () => {
    s3.fault = () => ({ kind: 'error', status: 503, code: 'SlowDown' });
    const path = await made('s', randomBytes(10));
    await assert.rejects(
      uploadFiles(store, [{ path, key: 's' }], options({ random: () => 1 })),
      ofKind('unreachable'),
    );
    assert.deepEqual(uploads.clock.waits, [500, 1000, 2000, 4000, 8000]);
  });

  it('end when told to, with the reason given', async () => {
    const ending = new AbortController();
    const reason = new Error('enough');
    s3.fault = ({ operation }) => {
      if (operation === 'UploadPart') ending.abort(reason);
      return undefined;
    };
    await assert.rejects(sendLarge({ signal: ending.signal }), reason);
    assert.equal(s3.objects.size, 0);
    s3.fault = () => undefined;
    await sendLarge();
    assert.deepEqual(bytesOf('k'), LARGE);
  });

  for (const [what, name] of [
    ['a file that is not there', 'none'],
    ['a folder', 'folder'],
  ] as const) {
    it(`refuse ${what}`, async () => {
      await mkdir(join(uploads.folder, 'folder'));
      await assert.rejects(
        uploadFiles(store, [{ path: join(uploads.folder, name), key: 'k' }], options()),
        ofKind('local'),
      );
      assert.equal(s3.calls.length, 0);
    });
  }

  it('go to a folder as well', async () => {
    const local = folderStore(join(uploads.folder, 'store'));
    const path = await made('large', LARGE);
    const [file] = await uploadInputs(local, 'ada', [{ path, name: 'é x' }], options());
    assert.deepEqual(await readFile(join(uploads.folder, 'store', file!.key)), LARGE);
    assert.equal((await uploadInputs(local, 'ada', [{ path, name: 'é x' }], options()))[0]?.unchanged, true);
    await rm(join(uploads.folder, 'store'), { recursive: true });
  });

  it('count what goes, at most ten times a second', async () => {
    const files = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => ({
        path: await made(`f${index}`, randomBytes(100)),
        key: `k${index}`,
      })),
    );
    const seen: TransferProgress[] = [];
    let now = 0;
    const still = { ...uploads.clock, now: () => now };
    await uploadFiles(store, files, options({ clock: still, onProgress: (progress) => seen.push(progress) }));
    assert.ok(seen.length <= 3, `${seen.length} reports in no time`);
    assert.deepEqual(
      { files: seen.at(-1)?.files, filesDone: seen.at(-1)?.filesDone, bytesDone: seen.at(-1)?.bytesDone },
      { files: 50, filesDone: 50, bytesDone: 5000 },
    );
    now += 1000;
  });
});
