import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checksumsOf,
  folderStore,
  StagingError,
  uploadFiles,
  uploadInputs,
} from '../../../src/staging/index.ts';
import type {
  StagingErrorKind,
  StagingStore,
  TransferProgress,
  UploadOptions,
} from '../../../src/staging/index.ts';
import { partSizeFor } from '../../../src/staging/transfer/partSize.ts';
import { ScriptedS3 } from './scriptedS3.ts';
import type { Fault, S3Call } from './scriptedS3.ts';
import { quickClock, temporaryFolder } from './temporary.ts';

const MiB = 1024 * 1024;
const PART = 256 * 1024;

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
  const folder = temporaryFolder();
  let s3: ScriptedS3;
  let store: StagingStore;
  let clock: ReturnType<typeof quickClock>;
  beforeEach(async () => {
    s3 = new ScriptedS3();
    await s3.start();
    store = s3.store();
    clock = quickClock();
  });
  afterEach(async () => {
    store.dispose();
    await s3.stop();
  });

  const made = async (name: string, content: Uint8Array): Promise<string> => {
    const path = join(folder.path, name);
    await writeFile(path, content);
    return path;
  };
  const options = (more: UploadOptions = {}): UploadOptions => ({
    clock,
    partSize: PART,
    notesFolder: join(folder.path, 'notes'),
    ...more,
  });
  /** 6 parts and a bit. */
  const large = randomBytes(6 * PART + 1000);
  /** Sends a large file to `k`. */
  const sendLarge = async (more: UploadOptions = {}): Promise<void> => {
    const path = await made('large', large);
    await uploadFiles(store, [{ path, key: 'k' }], options(more));
  };
  const kind = (wanted: StagingErrorKind) => (error: unknown) => {
    assert.ok(error instanceof StagingError, String(error));
    assert.equal(error.kind, wanted, error.message);
    return true;
  };
  /** A fault for the first `count` calls of an operation. */
  const failFirst = (count: number, operation: string, fault: Fault) => {
    let left = count;
    s3.fault = (call) => {
      if (call.operation !== operation || left === 0) return undefined;
      left -= 1;
      return fault;
    };
  };
  const bytesOf = (key: string): Buffer | undefined => s3.objects.get(key)?.bytes;

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
    files.push({ path: await made('large', large), name: 'large' });
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

  it('of large files go in parts, and the parts fit together', async () => {
    await sendLarge();
    assert.deepEqual(bytesOf('k'), large);
    assert.equal(s3.count('UploadPart'), 7);
    assert.equal(s3.uploads.size, 0);
    assert.deepEqual(await readdir(join(folder.path, 'notes')), []);
    assert.equal(s3.objects.get('k')?.metadata.sha256, checksumsOf(large).sha256);
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
    assert.deepEqual(bytesOf('m'), await readFile(join(folder.path, 'm')));
    assert.equal(s3.count('CreateMultipartUpload'), 0);
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
      failFirst(2, operation, fault);
      let last: TransferProgress | undefined;
      await sendLarge({ onProgress: (progress) => (last = progress) });
      assert.deepEqual(bytesOf('k'), large);
      // What went twice counts once.
      assert.equal(last?.bytesDone, large.length);
      assert.equal(last.filesDone, 1);
      assert.ok(clock.waits.length >= 1);
    });
  }

  for (const md5 of [true, false]) {
    it(`of small files get over wrong bytes, ${md5 ? 'refused' : 'taken'} by the store`, async () => {
      s3.checksMd5 = md5;
      failFirst(2, 'PutObject', { kind: 'corrupt' });
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
    await assert.rejects(uploadFiles(store, [{ path, key: 's' }], options()), kind('checksum'));
    assert.equal(s3.objects.size, 0);
  });

  it('compare the length after parts were put together', async () => {
    failFirst(1, 'CompleteMultipartUpload', { kind: 'shorten' });
    await assert.rejects(
      sendLarge(),
      (error) => kind('checksum')(error) && String(error).includes('instead of'),
    );
    assert.equal(s3.objects.size, 0);
  });

  it('trust a store whose ETags are no MD5 only after reading back', async () => {
    s3.checksMd5 = false;
    s3.tagsAreMd5 = false;
    const small = await made('s', randomBytes(1000));
    await uploadFiles(store, [{ path: small, key: 's' }], options());
    await sendLarge();
    assert.deepEqual(bytesOf('k'), large);
    assert.equal(s3.count('GetObject'), 2);
    failFirst(20, 'PutObject', { kind: 'corrupt' });
    await assert.rejects(uploadFiles(store, [{ path: small, key: 's' }], options()), kind('checksum'));
    s3.fault = ({ operation, query }) =>
      operation === 'UploadPart' && query.get('partNumber') === '3' ? { kind: 'corrupt' } : undefined;
    await assert.rejects(sendLarge(), kind('checksum'));
    assert.deepEqual([...s3.objects.keys()], []);
  });

  it('go on after a break with the parts that are missing', async () => {
    s3.fault = ({ operation, query }) =>
      operation === 'UploadPart' && query.get('partNumber') === '6'
        ? { kind: 'error', status: 403, code: 'ExpiredToken' }
        : undefined;
    await assert.rejects(sendLarge(), kind('expired'));
    const [id, upload] = [...s3.uploads][0]!;
    const there = upload.parts.size;
    assert.ok(there >= 1, 'some parts are there');
    const note = await readFile(
      join(folder.path, 'notes', (await readdir(join(folder.path, 'notes')))[0]!),
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
    assert.deepEqual(bytesOf('k'), large);
  });

  it('begin anew when the upload is gone, the file another or the note spoilt', async () => {
    const breakOff = async (): Promise<void> => {
      s3.fault = ({ operation, query }) =>
        operation === 'UploadPart' && query.get('partNumber') === '7'
          ? { kind: 'error', status: 403, code: 'AccessDenied' }
          : undefined;
      await assert.rejects(sendLarge(), kind('denied'));
      s3.fault = () => undefined;
    };
    await breakOff();
    s3.uploads.clear();
    await sendLarge();
    assert.deepEqual(bytesOf('k'), large);
    await breakOff();
    const other = randomBytes(large.length);
    await uploadFiles(store, [{ path: await made('large', other), key: 'k' }], options());
    assert.deepEqual(bytesOf('k'), other);
    await breakOff();
    const notes = join(folder.path, 'notes');
    for (const name of await readdir(notes)) await writeFile(join(notes, name), '{"version":1');
    await sendLarge();
    assert.deepEqual(bytesOf('k'), large);
  });

  it('see that a file was written to meanwhile, whether its length stays or not', async () => {
    for (const change of [
      (path: string) => writeFile(path, randomBytes(large.length)),
      (path: string) => writeFile(path, ''),
    ]) {
      let changed: Promise<void> | undefined;
      const onCall = (call: S3Call): undefined => {
        if (call.operation === 'CreateMultipartUpload') changed = change(join(folder.path, 'large'));
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
      const path = await made('large', large);
      await assert.rejects(uploadFiles(slow, [{ path, key: 'k' }], options()), kind('changed'));
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
      (error) => kind('denied')(error) && String(error).includes('k5'),
    );
    assert.ok(s3.count('PutObject') < 200);
  });

  it('give up in the end, with growing waits in between', async () => {
    s3.fault = () => ({ kind: 'error', status: 503, code: 'SlowDown' });
    const path = await made('s', randomBytes(10));
    await assert.rejects(
      uploadFiles(store, [{ path, key: 's' }], options({ random: () => 1 })),
      kind('unreachable'),
    );
    assert.deepEqual(clock.waits, [500, 1000, 2000, 4000, 8000]);
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
    assert.deepEqual(bytesOf('k'), large);
  });

  for (const [what, name] of [
    ['a file that is not there', 'none'],
    ['a folder', 'folder'],
  ] as const) {
    it(`refuse ${what}`, async () => {
      await mkdir(join(folder.path, 'folder'));
      await assert.rejects(
        uploadFiles(store, [{ path: join(folder.path, name), key: 'k' }], options()),
        kind('local'),
      );
      assert.equal(s3.calls.length, 0);
    });
  }

  it('go to a folder as well', async () => {
    const local = folderStore(join(folder.path, 'store'));
    const path = await made('large', large);
    const [file] = await uploadInputs(local, 'ada', [{ path, name: 'é x' }], options());
    assert.deepEqual(await readFile(join(folder.path, 'store', file!.key)), large);
    assert.equal((await uploadInputs(local, 'ada', [{ path, name: 'é x' }], options()))[0]?.unchanged, true);
    await rm(join(folder.path, 'store'), { recursive: true });
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
    const still = { ...clock, now: () => now };
    await uploadFiles(store, files, options({ clock: still, onProgress: (progress) => seen.push(progress) }));
    assert.ok(seen.length <= 3, `${seen.length} reports in no time`);
    assert.deepEqual(
      { files: seen.at(-1)?.files, filesDone: seen.at(-1)?.filesDone, bytesDone: seen.at(-1)?.bytesDone },
      { files: 50, filesDone: 50, bytesDone: 5000 },
    );
    now += 1000;
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
