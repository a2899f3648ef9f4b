import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { checksumsOfFile, md5OfPart } from '../../../src/staging/checksums.ts';
import { checksumsOf, checksumTrouble } from '../../../src/staging/index.ts';
import { temporaryFolder } from './temporary.ts';

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

describe('checksums', () => {
  const folder = temporaryFolder();
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

  it('are found of a file, in little memory', async () => {
    const bytes = randomBytes(2_500_001);
    await writeFile(join(folder.path, 'f'), bytes);
    const handle = await open(join(folder.path, 'f'));
    const checksums = await checksumsOfFile(handle);
    await handle.close();
    assert.equal(checksums.size, bytes.length);
    assert.equal(checksums.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.equal(checksums.adler32, deflateSync(bytes).subarray(-4).toString('hex'));
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
    await assert.rejects(
      checksumsOfFile(handle, { signal: AbortSignal.abort(new Error('enough')) }),
      /enough/,
    );
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
