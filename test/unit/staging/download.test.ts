import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checksumsOf, downloadFiles, StagingError } from '../../../src/staging/index.ts';
import type { DownloadOptions, StagingStore, TransferProgress } from '../../../src/staging/index.ts';
import type { ScriptedS3 } from './scriptedS3.ts';
import type { Fault } from './s3Wire.ts';
import { quickClock, temporaryFolder } from './temporary.ts';
import { failFirst, ofKind, useS3 } from './useS3.ts';

const PART = 256 * 1024;

describe('downloads', () => {
  const folder = temporaryFolder();
  const opened = useS3();
  let s3: ScriptedS3;
  let store: StagingStore;
  beforeEach(() => {
    ({ s3, store } = opened);
  });

  const large = randomBytes(5 * PART + 77);
  const options = (more: DownloadOptions = {}): DownloadOptions => ({
    clock: quickClock(),
    partSize: PART,
    ...more,
  });
  const target = (): string => join(folder.path, 'to', 'file');
  /** Puts, and records the sums of, `bytes`; fetches them. */
  const putAndFetch = async (bytes: Buffer, more: DownloadOptions = {}): Promise<void> => {
    await store.put('k', bytes, { checksums: checksumsOf(bytes) });
    await downloadFiles(store, [{ object: 'k', path: target() }], options(more));
  };
  const nothingLeft = async (): Promise<void> => {
    assert.deepEqual(await readdir(join(folder.path, 'to')).catch(() => []), []);
  };

  for (const [what, size] of [
    ['an empty file', 0],
    ['a small file', 1000],
    ['just one part', PART],
    ['many parts', 5 * PART + 77],
  ] as const) {
    it(`bring ${what}`, async () => {
      const bytes = large.subarray(0, size);
      await putAndFetch(bytes);
      assert.deepEqual(await readFile(target()), bytes);
      assert.deepEqual(await readdir(join(folder.path, 'to')), ['file']);
      assert.equal(s3.count('GetObject'), Math.max(1, Math.ceil(size / PART)));
    });
  }

  const passing: readonly (readonly [string, Fault])[] = [
    ['a body that breaks off', { kind: 'cutBody', after: 1000 }],
    ['a body that stands still', { kind: 'stallBody', after: 1000 }],
    ['a lost answer', { kind: 'cutAnswer' }],
    ['an overloaded store', { kind: 'error', status: 503, code: 'SlowDown' }],
  ];
  for (const [what, fault] of passing) {
    it(`get over ${what}`, async () => {
      failFirst(s3, 2, 'GetObject', fault);
      let last: TransferProgress | undefined;
      await putAndFetch(large, { onProgress: (progress) => (last = progress) });
      assert.deepEqual(await readFile(target()), large);
      assert.equal(last?.bytesDone, large.length);
    });
  }

  it('of small files get over a wrong byte', async () => {
    failFirst(s3, 2, 'GetObject', { kind: 'corrupt' });
    const small = large.subarray(0, 1000);
    await putAndFetch(small);
    assert.deepEqual(await readFile(target()), small);
  });

  it('leave nothing, and no wrong file, when bytes stay wrong', async () => {
    for (const bytes of [large, large.subarray(0, 1000)]) {
      s3.fault = ({ operation }) => (operation === 'GetObject' ? { kind: 'corrupt' } : undefined);
      await assert.rejects(putAndFetch(bytes), ofKind('checksum'));
      await nothingLeft();
    }
  });

  it('keep what is there when they fail', async () => {
    await putAndFetch(Buffer.from('before'));
    s3.fault = ({ operation }) => (operation === 'GetObject' ? { kind: 'corrupt' } : undefined);
    await assert.rejects(putAndFetch(Buffer.from('after')), ofKind('checksum'));
    assert.equal(await readFile(target(), 'utf8'), 'before');
    assert.deepEqual(await readdir(join(folder.path, 'to')), ['file']);
  });

  it('compare with what the job said of its output', async () => {
    const bytes = Buffer.from('image');
    await store.put('k', bytes);
    const fetched = (expected: object) =>
      downloadFiles(store, [{ object: 'k', path: target(), expected }], options());
    await assert.rejects(fetched({ size: 6 }), ofKind('checksum'));
    await assert.rejects(fetched({ adler32: '00000001' }), ofKind('checksum'));
    await nothingLeft();
    await fetched(checksumsOf(bytes));
    assert.equal(await readFile(target(), 'utf8'), 'image');
  });

  it('compare with the sum in the key', async () => {
    const key = `ada/in/sha256/${'0'.repeat(64)}/x`;
    await store.put(key, Buffer.from('x'));
    await assert.rejects(
      downloadFiles(store, [{ object: key, path: target() }], options()),
      ofKind('checksum'),
    );
  });

  it('bring nothing again that is there and right', async () => {
    const bytes = Buffer.from('same');
    const expected = checksumsOf(bytes);
    await store.put('k', bytes);
    const fetch = () => downloadFiles(store, [{ object: 'k', path: target(), expected }], options());
    assert.equal((await fetch())[0]?.unchanged, false);
    assert.equal((await fetch())[0]?.unchanged, true);
    await writeFile(target(), 'diff');
    assert.equal((await fetch())[0]?.unchanged, false);
    assert.equal(await readFile(target(), 'utf8'), 'same');
  });

  it('see that an object is replaced meanwhile', async () => {
    await store.put('k', large);
    let reads = 0;
    s3.fault = ({ operation }) => {
      if (operation === 'GetObject' && (reads += 1) === 2) {
        s3.objects.set('k', { ...s3.objects.get('k')!, bytes: randomBytes(large.length), etag: '"other"' });
      }
      return undefined;
    };
    await assert.rejects(
      downloadFiles(store, [{ object: 'k', path: target() }], options()),
      ofKind('changed'),
    );
    await nothingLeft();
  });

  it('refuse an object of another length than was listed', async () => {
    await store.put('k', Buffer.from('12345'));
    for (const size of [4, 6, 2 * PART]) {
      await assert.rejects(
        downloadFiles(store, [{ object: { key: 'k', size }, path: target() }], options()),
        (error) => error instanceof StagingError && ['checksum', 'changed'].includes(error.kind),
      );
    }
    await nothingLeft();
  });

  it('say that it is not there, and that the disk is too small', async () => {
    await assert.rejects(
      downloadFiles(store, [{ object: 'none', path: target() }], options()),
      ofKind('notFound'),
    );
    await assert.rejects(
      downloadFiles(store, [{ object: { key: 'k', size: 2 ** 60 }, path: target() }], options()),
      ofKind('full'),
    );
    assert.equal(s3.count('GetObject'), 0);
  });

  it('end when told to, and leave nothing', async () => {
    await store.put('k', large);
    const ending = new AbortController();
    const reason = new Error('enough');
    s3.fault = ({ operation }) => {
      if (operation === 'GetObject') ending.abort(reason);
      return undefined;
    };
    const fetching = downloadFiles(
      store,
      [{ object: 'k', path: target() }],
      options({ signal: ending.signal }),
    );
    await assert.rejects(fetching, reason);
    await nothingLeft();
  });

  it('bring many files at a time', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `k${index}`);
    for (const name of names) await store.put(name, Buffer.from(name));
    await downloadFiles(
      store,
      names.map((object) => ({ object, path: join(folder.path, 'many', object) })),
      options(),
    );
    for (const name of names) assert.equal(await readFile(join(folder.path, 'many', name), 'utf8'), name);
  });
});
