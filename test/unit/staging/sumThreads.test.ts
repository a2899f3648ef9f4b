import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSums } from '../../../src/staging/checksums.ts';
import { checksumsOf } from '../../../src/staging/index.ts';
import { FollowingSum } from '../../../src/staging/transfer/followingSum.ts';
import { SumThreads } from '../../../src/staging/transfer/sumThreads.ts';
import { temporaryFolder } from './temporary.ts';

const MiB = 1024 * 1024;
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

describe('threads that sum', () => {
  const folder = temporaryFolder();
  let threads: SumThreads;
  beforeEach(() => {
    threads = new SumThreads();
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

  it('follow a file whose parts come in any order', async () => {
    const bytes = randomBytes(5000);
    let read = 0;
    await withFile(bytes, async (handle) => {
      const sum = new FollowingSum(threads, handle, 5000, (count) => (read += count));
      for (const from of [3000, 1000, 0, 4000, 2000]) sum.arrived(from, 1000);
      assert.deepEqual(await sum.checksums(), checksumsOf(bytes));
      const short = new FollowingSum(threads, handle, 5000, () => undefined);
      short.arrived(1000, 4000);
      await short.settled();
      await assert.rejects(short.checksums(), /not summed/);
    });
    assert.equal(read, 5000);
  });
});
