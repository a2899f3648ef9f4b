import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { md5OfPart, sumFile } from '../../../src/staging/checksums.ts';
import { checksumsOf, checksumTrouble } from '../../../src/staging/index.ts';
import { temporaryFolder } from './temporary.ts';

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

describe('checksums', () => {
  const folder = temporaryFolder();
  const summed = async (bytes: Uint8Array, partSize: number) => {
    const path = join(folder.path, 'f');
    await writeFile(path, bytes);
    const handle = await open(path);
    try {
      return await sumFile(handle, partSize);
    } finally {
      await handle.close();
    }
  };

  it('are those of other programs', () => {
    assert.deepEqual(checksumsOf(Buffer.from('Wikipedia')), {
      size: 9,
      adler32: '11e60398',
      sha256: createHash('sha256').update('Wikipedia').digest('hex'),
    });
    assert.deepEqual(checksumsOf(new Uint8Array()), {
      size: 0,
      adler32: '00000001',
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    });
  });

  it('are found in one pass with those of the parts', async () => {
    const bytes = randomBytes(2_500_001);
    const { checksums, partMd5 } = await summed(bytes, 1_000_000);
    assert.equal(checksums.size, bytes.length);
    assert.equal(checksums.sha256, createHash('sha256').update(bytes).digest('hex'));
    const packed = deflateSync(bytes);
    assert.equal(checksums.adler32, packed.subarray(-4).toString('hex'));
    assert.deepEqual(partMd5, [
      md5(bytes.subarray(0, 1_000_000)),
      md5(bytes.subarray(1_000_000, 2_000_000)),
      md5(bytes.subarray(2_000_000)),
    ]);
  });

  it('know no empty part but that of an empty file', async () => {
    const bytes = randomBytes(2_000_000);
    assert.equal((await summed(bytes, 1_000_000)).partMd5.length, 2);
    assert.equal((await summed(bytes, Number.POSITIVE_INFINITY)).partMd5[0], md5(bytes));
    assert.deepEqual((await summed(new Uint8Array(), 1_000_000)).partMd5, [md5(new Uint8Array())]);
  });

  it('are found for one part alone', async () => {
    const bytes = randomBytes(3_000_000);
    await writeFile(join(folder.path, 'p'), bytes);
    const handle = await open(join(folder.path, 'p'));
    assert.equal(await md5OfPart(handle, 500_000, 1_500_000), md5(bytes.subarray(500_000, 2_000_000)));
    await handle.close();
  });

  it('stop when told to', async () => {
    await writeFile(join(folder.path, 'f'), randomBytes(100));
    const handle = await open(join(folder.path, 'f'));
    await assert.rejects(sumFile(handle, 10, { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
    await handle.close();
  });

  it('are compared size first', () => {
    const found = checksumsOf(Buffer.from('abc'));
    assert.equal(checksumTrouble({}, found), undefined);
    assert.equal(checksumTrouble(found, found), undefined);
    assert.match(checksumTrouble({ ...found, size: 4, sha256: 'x' }, found) ?? '', /3 bytes came, 4/);
    assert.match(checksumTrouble({ sha256: 'ff'.repeat(32) }, found) ?? '', /sha256/);
    assert.match(checksumTrouble({ adler32: '00000002' }, found) ?? '', /adler32/);
    // xrdcp leaves leading zeros out.
    const short = checksumsOf(new Uint8Array());
    assert.equal(checksumTrouble({ adler32: '1' }, short), undefined);
  });
});
