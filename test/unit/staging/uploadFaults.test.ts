import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uploadFiles, uploadInputs } from '../../../src/staging/index.ts';
import type { StagingStore, TransferProgress } from '../../../src/staging/index.ts';
import type { ScriptedS3 } from './scriptedS3.ts';
import type { Fault, S3Call } from './s3Wire.ts';
import { failFirst, ofKind } from './useS3.ts';
import { LARGE, PART, useUploads } from './useUploads.ts';

describe('uploads over a bad connection, or of files that change', () => {
  const uploads = useUploads();
  const { bytesOf, made, options, sendLarge } = uploads;
  let s3: ScriptedS3;
  let store: StagingStore;
  beforeEach(() => {
    ({ s3, store } = uploads);
  });

  const passing: readonly (readonly [string, string, Fault])[] = [
    ['a part whose connection breaks', 'UploadPart', { kind: 'cutRequest', after: PART / 2 }],
    ['a part whose answer is lost', 'UploadPart', { kind: 'cutAnswer' }],
    ['a part that arrives with a wrong byte', 'UploadPart', { kind: 'corrupt' }],
    ['a part that arrives short', 'UploadPart', { kind: 'shorten' }],
    ['an overloaded store', 'UploadPart', { kind: 'error', status: 503, code: 'SlowDown' }],
    ['a completion whose answer is lost', 'CompleteMultipartUpload', { kind: 'cutAnswer' }],
    ['a beginning whose answer is lost', 'CreateMultipartUpload', { kind: 'cutAnswer' }],
    ['a look afterwards that fails', 'HeadObject', { kind: 'error', status: 500, code: 'InternalError' }],
    ['silence', 'UploadPart', { kind: 'silence' }],
  ];
  for (const [what, operation, fault] of passing) {
    it(`get over ${what}`, async () => {
      failFirst(s3, 2, operation, fault);
      let last: TransferProgress | undefined;
      await sendLarge({ onProgress: (progress) => (last = progress) });
      assert.deepEqual(bytesOf('k'), LARGE);
      // What went twice counts once.
      assert.equal(last?.bytesDone, LARGE.length);
      assert.equal(last.filesDone, 1);
      assert.ok(uploads.clock.waits.length >= 1);
    });
  }

  for (const md5 of [true, false]) {
    it(`of small files get over wrong bytes, ${md5 ? 'refused' : 'taken'} by the store`, async () => {
      s3.checksMd5 = md5;
      failFirst(s3, 2, 'PutObject', { kind: 'corrupt' });
      const path = await made('s', randomBytes(1000));
      await uploadFiles(store, [{ path, key: 's' }], options());
      assert.deepEqual(bytesOf('s'), await readFile(path));
      assert.equal(s3.count('PutObject'), 3);
    });
  }

  it('leave no wrong object behind when bytes stay wrong', async () => {
    s3.checksMd5 = false;
    s3.fault = ({ operation }) => (operation === 'PutObject' ? { kind: 'lengthen' } : undefined);
    const path = await made('s', randomBytes(1000));
    await assert.rejects(uploadFiles(store, [{ path, key: 's' }], options()), ofKind('checksum'));
    assert.equal(s3.objects.size, 0);
  });

  it('compare the length after parts were put together', async () => {
    failFirst(s3, 1, 'CompleteMultipartUpload', { kind: 'shorten' });
    await assert.rejects(
      sendLarge(),
      (error) => ofKind('checksum')(error) && String(error).includes('instead of'),
    );
    assert.equal(s3.objects.size, 0);
  });

  it('trust a store whose ETags are no MD5 only after reading back', async () => {
    s3.checksMd5 = false;
    s3.tagsAreMd5 = false;
    const small = await made('s', randomBytes(1000));
    await uploadFiles(store, [{ path: small, key: 's' }], options());
    await sendLarge();
    assert.deepEqual(bytesOf('k'), LARGE);
    assert.equal(s3.count('GetObject'), 2);
    failFirst(s3, 20, 'PutObject', { kind: 'corrupt' });
    await assert.rejects(uploadFiles(store, [{ path: small, key: 's' }], options()), ofKind('checksum'));
    s3.fault = ({ operation, query }) =>
      operation === 'UploadPart' && query.get('partNumber') === '3' ? { kind: 'corrupt' } : undefined;
    await assert.rejects(sendLarge(), ofKind('checksum'));
    assert.deepEqual([...s3.objects.keys()], []);
  });

  it('go on after a break with the parts that are missing', async () => {
    s3.fault = ({ operation, query }) =>
      operation === 'UploadPart' && query.get('partNumber') === '6'
        ? { kind: 'error', status: 403, code: 'ExpiredToken' }
        : undefined;
    await assert.rejects(sendLarge(), ofKind('expired'));
    const [id, upload] = [...s3.uploads][0]!;
    const there = upload.parts.size;
    assert.ok(there >= 1, 'some parts are there');
    const note = await readFile(
      join(uploads.folder, 'notes', (await readdir(join(uploads.folder, 'notes')))[0]!),
      'utf8',
    );
    assert.ok(note.includes(id) && !note.includes('verysecret'));
    // A part that came to harm meanwhile is not taken for good.
    const [first] = [...upload.parts.keys()];
    upload.parts.set(first!, randomBytes(PART));
    s3.fault = () => undefined;
    const before = s3.count('UploadPart');
    await sendLarge();
    assert.equal(s3.count('UploadPart') - before, 7 - there + 1);
    assert.equal(s3.count('CreateMultipartUpload'), 1);
    assert.deepEqual(bytesOf('k'), LARGE);
  });

  it('begin anew when the upload is gone, the file another or the note spoilt', async () => {
    const breakOff = async (): Promise<void> => {
      s3.fault = ({ operation, query }) =>
        operation === 'UploadPart' && query.get('partNumber') === '7'
          ? { kind: 'error', status: 403, code: 'AccessDenied' }
          : undefined;
      await assert.rejects(sendLarge(), ofKind('denied'));
      s3.fault = () => undefined;
    };
    await breakOff();
    s3.uploads.clear();
    await sendLarge();
    assert.deepEqual(bytesOf('k'), LARGE);
    await breakOff();
    const other = randomBytes(LARGE.length);
    await uploadFiles(store, [{ path: await made('large', other), key: 'k' }], options());
    assert.deepEqual(bytesOf('k'), other);
    await breakOff();
    const notes = join(uploads.folder, 'notes');
    for (const name of await readdir(notes)) await writeFile(join(notes, name), '{"version":1');
    await sendLarge();
    assert.deepEqual(bytesOf('k'), LARGE);
  });

  it('see that a file was written to meanwhile, whether its length stays or not', async () => {
    for (const change of [
      (path: string) => writeFile(path, randomBytes(LARGE.length)),
      (path: string) => writeFile(path, ''),
    ]) {
      let changed: Promise<void> | undefined;
      const onCall = (call: S3Call): undefined => {
        if (call.operation === 'CreateMultipartUpload') changed = change(join(uploads.folder, 'large'));
        return undefined;
      };
      s3.fault = onCall;
      const slow: StagingStore = {
        ...wrap(store),
        parts: {
          ...wrap(store.parts!),
          create: async (...args) => {
            const id = await store.parts!.create(...args);
            await changed;
            return id;
          },
        },
      };
      const path = await made('large', LARGE);
      await assert.rejects(uploadFiles(slow, [{ path, key: 'k' }], options()), ofKind('changed'));
      assert.equal(s3.objects.size, 0);
      assert.equal(s3.uploads.size, 0);
    }
  });

  it('take a file that grows for what it was when it was read', async () => {
    const path = await made('s', Buffer.from('12345'));
    s3.fault = () => {
      void appendFile(path, 'more');
      return undefined;
    };
    const [file] = await uploadInputs(store, 'ada', [{ path, name: 's' }], options());
    assert.equal(bytesOf(file!.key)?.toString(), '12345');
  });
});

/** The methods of an object, bound, so that some can be replaced. */
function wrap<T extends object>(target: T): T {
  return new Proxy({} as T, {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    ownKeys: () => Reflect.ownKeys(target),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  });
}
