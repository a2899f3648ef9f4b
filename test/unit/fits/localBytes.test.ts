import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { copyToLocal, fileBytes, FitsError, memoryBytes } from '../../../src/editor/fits/reader/index.ts';

describe('bytes of a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fits-bytes-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) & 0xff));
  const copy = (bytes: Uint8Array, most?: number) =>
    copyToLocal(memoryBytes(bytes), { temporaryFolder: folder, ...(most === undefined ? {} : { most }) });

  it('are read where they are asked for', async () => {
    await writeFile(join(folder, 'a'), content);
    const bytes = await fileBytes(join(folder, 'a'));
    assert.equal(bytes.size, content.length);
    assert.deepEqual(Buffer.from(await bytes.read(100, 50)), content.subarray(100, 150));
    assert.equal((await bytes.read(content.length - 3, 50)).length, 3);
    assert.equal((await bytes.read(content.length + 3, 50)).length, 0);
    await bytes.dispose();
  });

  for (const [what, bytes] of [
    ['as they are', content],
    ['unpacked', gzipSync(content)],
    [
      'unpacked from several members',
      Buffer.concat([gzipSync(content.subarray(0, 9)), gzipSync(content.subarray(9))]),
    ],
  ] as const) {
    it(`from elsewhere are kept ${what}, and leave nothing behind`, async () => {
      const local = await copy(bytes);
      assert.deepEqual(Buffer.from(await local.read(0, local.size)), content);
      await local.dispose();
      assert.deepEqual(await readdir(folder), []);
    });
  }

  for (const [what, bytes, sentence] of [
    ['a cut archive', gzipSync(content).subarray(0, 500), /The compressed file is cut short/],
    [
      'a damaged archive',
      gzipSync(content).map((byte, index, all) => (index === all.length - 6 ? byte ^ 1 : byte)),
      /is damaged/,
    ],
  ] as const) {
    it(`refuse ${what} in one sentence, and leave nothing behind`, async () => {
      await assert.rejects(
        copy(bytes),
        (error) => error instanceof FitsError && sentence.test(error.message),
      );
      assert.deepEqual(await readdir(folder), []);
    });
  }

  it('refuse what unpacks to more than the bound, however small it is', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    assert.ok(bomb.length < 60_000);
    await assert.rejects(copy(bomb, 10_000_000), /unpacks to more than 10000000 bytes/);
    assert.deepEqual(await readdir(folder), []);
  });

  it('say when a source ends too early, and stop when they are told to', async () => {
    const short = {
      size: 1000,
      read: (from: number) => Promise.resolve(new Uint8Array(from < 500 ? 500 - from : 0)),
    };
    await assert.rejects(copyToLocal(short, { temporaryFolder: folder }), /Only 500 of 1000 bytes/);
    const stop = new AbortController();
    const endless = {
      size: 1e12,
      read: (_: number, length: number) => {
        stop.abort();
        return Promise.resolve(new Uint8Array(length));
      },
    };
    await assert.rejects(copyToLocal(endless, { temporaryFolder: folder, signal: stop.signal }), {
      name: 'AbortError',
    });
    assert.deepEqual(await readdir(folder), []);
  });
});
