import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checksumsOf, uploadInputs } from '../../../src/staging/index.ts';
import type { StagingClock, UploadedFile } from '../../../src/staging/index.ts';
import { LARGE, useUploads } from './useUploads.ts';

const HOUR = 3_600_000;

describe('notes of the sums of large files', () => {
  const uploads = useUploads();
  let path: string;
  let now: number;
  beforeEach(async () => {
    path = await uploads.made('large', LARGE);
    // As if the file had been written long ago.
    now = Date.now() + HOUR;
  });

  /** Sends the file, and says how many bytes were read for its sums. */
  const send = async (): Promise<{ file: UploadedFile; read: number }> => {
    let read = 0;
    const clock: StagingClock = { now: () => now, wait: () => Promise.resolve() };
    const onProgress = ({ bytesSummed }: { readonly bytesSummed: number }): void => {
      read = bytesSummed;
    };
    const options = uploads.options({ clock, onProgress });
    const [file] = await uploadInputs(uploads.store, 'ada', [{ path, name: 'f' }], options);
    return { file: file!, read };
  };
  const notes = (): string => join(uploads.folder, 'notes', 'sums');

  it('spare reading it again', async () => {
    assert.equal((await send()).read, LARGE.length);
    const { file, read } = await send();
    assert.equal(read, 0);
    assert.ok(file.unchanged);
    assert.deepEqual(file.checksums, checksumsOf(LARGE));
  });

  it('are of no use when it was written to, or given another time', async () => {
    await send();
    const other = randomBytes(LARGE.length);
    await writeFile(path, other);
    const { file, read } = await send();
    assert.equal(read, LARGE.length);
    assert.deepEqual(file.checksums, checksumsOf(other));
    await utimes(path, new Date(), new Date(1e9));
    assert.equal((await send()).read, LARGE.length);
  });

  it('are not made of a file that was written to just now', async () => {
    now = (await stat(path)).mtimeMs + 1000;
    await send();
    await assert.rejects(readdir(notes()), { code: 'ENOENT' });
  });

  it('are dropped when the file holds something else all the same', async () => {
    await send();
    const [name] = await readdir(notes());
    const note = JSON.parse(await readFile(join(notes(), name!), 'utf8')) as { sums: { partMd5: string[] } };
    note.sums.partMd5[1] = 'ab'.repeat(16);
    await writeFile(join(notes(), name!), JSON.stringify(note));
    uploads.s3.objects.clear();
    const { file, read } = await send();
    assert.equal(read, LARGE.length);
    assert.ok(uploads.bytesOf(file.key)?.equals(LARGE));
  });

  it('are made anew where they cannot be read, and go when they are old', async () => {
    await send();
    const [name] = await readdir(notes());
    for (const text of [
      '{"version":1',
      '{}',
      '{"version":1,"of":"x","sums":{"checksums":{},"partMd5":[]}}',
    ]) {
      await writeFile(join(notes(), name!), text);
      assert.equal((await send()).read, LARGE.length);
    }
    await uploads.made('notes/sums/old.json', Buffer.from('{}'));
    await utimes(join(notes(), 'old.json'), new Date(1e9), new Date(1e9));
    await writeFile(join(notes(), name!), '');
    await send();
    assert.deepEqual(await readdir(notes()), [name]);
  });
});
