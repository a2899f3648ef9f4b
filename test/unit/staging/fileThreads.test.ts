import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSums } from '../../../src/staging/checksums.ts';
import { checksumsOf } from '../../../src/staging/index.ts';
import { FollowingSum } from '../../../src/staging/transfer/followingSum.ts';
import { FileThreads } from '../../../src/staging/transfer/fileThreads.ts';
import { temporaryFolder } from './temporary.ts';

const MiB = 1024 * 1024;
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

describe('threads that sum and write', () => {
  const folder = temporaryFolder();
  let threads: FileThreads;
  beforeEach(() => {
    threads = new FileThreads();
  });
  afterEach(() => threads.dispose());

  const withFile = async <T>(bytes: Uint8Array, work: (handle: FileHandle) => Promise<T>): Promise<T> => {
    await writeFile(join(folder.path, 'f'), bytes);
    const handle = await open(join(folder.path, 'f'));
    try {
      return await work(handle);
    } finally {
      await handle.close();
    }
  };
  const summed = (bytes: Uint8Array, partSize: number): Promise<FileSums> =>
    withFile(bytes, (handle) => threads.sumFile(handle, bytes.length, partSize));

  it('find the sums of a file, and those of its parts', async () => {
    const bytes = randomBytes(19 * MiB + 1);
    const { checksums, partMd5 } = await summed(bytes, 9 * MiB);
    assert.deepEqual(checksums, checksumsOf(bytes));
    assert.deepEqual(partMd5, [
      md5(bytes.subarray(0, 9 * MiB)),
      md5(bytes.subarray(9 * MiB, 18 * MiB)),
      md5(bytes.subarray(18 * MiB)),
    ]);
    assert.deepEqual((await summed(bytes, Number.POSITIVE_INFINITY)).partMd5, [md5(bytes)]);
  });

  it('know no empty part but that of an empty file', async () => {
    const bytes = randomBytes(2_000_000);
    assert.equal((await summed(bytes, 1_000_000)).partMd5.length, 2);
    assert.deepEqual(await summed(new Uint8Array(), 1_000_000), {
      checksums: checksumsOf(new Uint8Array()),
      partMd5: [md5(new Uint8Array())],
    });
  });

  it('tell how far they are, keep files apart, and say what a file that became shorter has', async () => {
    const bytes = randomBytes(MiB);
    let read = 0;
    await withFile(bytes, async (handle) => {
      const [one, two] = await Promise.all([
        threads.sumFile(handle, MiB, 1000_000, { onRead: (count) => (read += count) }),
        threads.sumFile(handle, 2 * MiB, MiB),
      ]);
      assert.deepEqual(one.checksums, checksumsOf(bytes));
      assert.deepEqual(two.checksums, checksumsOf(bytes));
    });
    assert.equal(read, MiB);
  });

  it('stop when told to, and fail where the file cannot be read', async () => {
    await withFile(randomBytes(100), async (handle) => {
      const signal = AbortSignal.abort(new Error('enough'));
      await assert.rejects(threads.sumFile(handle, 100, 10, { signal }), /enough/);
    });
    const closed = { fd: 9_999 } as FileHandle;
    await assert.rejects(threads.sumFile(closed, 100, 10), { code: 'EBADF' });
  });

  it('follow a file whose parts come in any order, and say whether it is right', async () => {
    const bytes = randomBytes(5000);
    const { adler32, sha256 } = checksumsOf(bytes);
    const other = checksumsOf(randomBytes(10));
    let read = 0;
    await withFile(bytes, async (handle) => {
      const follow = (expected: object): FollowingSum =>
        new FollowingSum(threads, handle, 5000, expected, (count) => (read += count));
      const troubleWith = async (expected: object): Promise<string | undefined> => {
        const sum = follow(expected);
        for (const from of [3000, 1000, 0, 4000, 2000]) sum.arrived(from, 1000);
        return sum.trouble();
      };
      for (const right of [{ sha256 }, { adler32 }, { size: 5000 }]) {
        assert.equal(await troubleWith(right), undefined);
      }
      assert.match((await troubleWith({ sha256: other.sha256, adler32 })) ?? '', /its sha256 is/);
      assert.match((await troubleWith({ adler32: other.adler32 })) ?? '', /its adler32 is/);
      assert.match((await troubleWith({ size: 4999, sha256 })) ?? '', /5000 bytes came/);
      const short = follow({ sha256 });
      short.arrived(1000, 4000);
      await short.settled();
      await assert.rejects(short.trouble(), /not summed/);
    });
    assert.equal(read, 6 * 5000);
  });

  it('write a whole file when it is right, and nothing when it is not', async () => {
    const path = join(folder.path, 'out');
    const save = (text: string, expected: object): Promise<string | undefined> =>
      threads.save(path, new Uint8Array(Buffer.from(text)), expected);
    const { adler32, sha256 } = checksumsOf(Buffer.from('right'));
    assert.equal(await save('right', { size: 5, adler32, sha256 }), undefined);
    for (const expected of [{ sha256 }, { adler32 }, { size: 4 }]) {
      assert.notEqual(await save('wrong', expected), undefined);
    }
    assert.equal(await readFile(path, 'utf8'), 'right');
    await assert.rejects(threads.save(join(folder.path, 'none', 'out'), new Uint8Array(1), {}), {
      code: 'ENOENT',
    });
    await mkdir(join(folder.path, 'taken'));
    await assert.rejects(threads.save(join(folder.path, 'taken'), new Uint8Array(1), {}));
    const many = Array.from({ length: 60 }, (_, index) => join(folder.path, `many-${index}`));
    await Promise.all(many.map((each) => threads.save(each, new Uint8Array(Buffer.from(each)), {})));
    for (const each of many) assert.equal(await readFile(each, 'utf8'), each);
    assert.deepEqual(
      (await readdir(folder.path)).filter((name) => name.startsWith('.')),
      [],
    );
  });
});
