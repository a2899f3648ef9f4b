import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folderStore, StagingError } from '../../../src/staging/index.ts';
import type { StagingStore } from '../../../src/staging/index.ts';
import { temporaryFolder } from './temporary.ts';

const kind = (wanted: string) => (error: unknown) => error instanceof StagingError && error.kind === wanted;

async function keysOf(store: StagingStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.sort();
}

describe('the folder store', () => {
  const folder = temporaryFolder();
  const opened = (): { root: string; store: StagingStore } => {
    const root = join(folder.path, 'staging');
    return { root, store: folderStore(root) };
  };

  it('gives back what was put, whole and in ranges', async () => {
    const { store } = opened();
    const bytes = randomBytes(700_000);
    const { md5 } = await store.put('a/b c/é.bin', bytes);
    assert.equal(md5?.length, 32);
    const pieces: Uint8Array[] = [];
    const content = await store.get('a/b c/é.bin');
    for await (const piece of content.bytes) pieces.push(piece);
    assert.deepEqual(Buffer.concat(pieces), bytes);
    assert.equal(content.length, bytes.length);
    const { bytes: range, size } = await store.readRange('a/b c/é.bin', 699_990, 100);
    assert.deepEqual(Buffer.from(range), bytes.subarray(699_990));
    assert.equal(size, 700_000);
    assert.equal((await store.readRange('a/b c/é.bin', 800_000, 10)).bytes.length, 0);
    assert.equal((await store.head('a/b c/é.bin'))?.size, 700_000);
  });

  it('lets others read nothing of it', async () => {
    const { root, store } = opened();
    await store.put('x', Buffer.from('1'));
    assert.equal((await stat(root)).mode & 0o077, 0);
    assert.equal((await stat(join(root, 'x'))).mode & 0o077, 0);
  });

  it('says that something is not there', async () => {
    const { store } = opened();
    assert.equal(await store.head('x'), undefined);
    await assert.rejects(store.get('x'), kind('notFound'));
    await assert.rejects(store.readRange('x/y', 0, 1), kind('notFound'));
    assert.deepEqual(await keysOf(store, ''), []);
    await store.remove(['x']);
  });

  it('lists by prefix, as S3 does', async () => {
    const { store } = opened();
    for (const key of ['a/1', 'a/2/x', 'ab', 'b/1']) await store.put(key, Buffer.from(key));
    assert.deepEqual(await keysOf(store, ''), ['a/1', 'a/2/x', 'ab', 'b/1']);
    assert.deepEqual(await keysOf(store, 'a'), ['a/1', 'a/2/x', 'ab']);
    assert.deepEqual(await keysOf(store, 'a/'), ['a/1', 'a/2/x']);
    assert.deepEqual(await keysOf(store, 'a/2'), ['a/2/x']);
    assert.deepEqual(await keysOf(store, 'c/'), []);
  });

  it('removes files, and the folders they leave empty', async () => {
    const { root, store } = opened();
    for (const key of ['a/b/c', 'a/d']) await store.put(key, Buffer.from(key));
    await store.remove(['a/b/c', 'never/was']);
    assert.deepEqual(await keysOf(store, ''), ['a/d']);
    assert.deepEqual((await readdir(root)).sort(), ['.underway', 'a']);
    assert.deepEqual(await readdir(join(root, 'a')), ['d']);
  });

  it('keeps what was there when a put fails', async () => {
    const { root, store } = opened();
    await store.put('x', Buffer.from('before'));
    await assert.rejects(store.put('x', Buffer.from('after'), { md5: '0'.repeat(32) }), kind('checksum'));
    await writeFile(join(folder.path, 'short'), '123');
    const handle = await open(join(folder.path, 'short'));
    await assert.rejects(store.put('x', { handle, from: 0, length: 10 }), kind('changed'));
    await assert.rejects(
      store.put('x', { handle, from: 0, length: 3 }, { signal: AbortSignal.abort(new Error('no')) }),
      /no/,
    );
    await handle.close();
    assert.equal(await readFile(join(root, 'x'), 'utf8'), 'before');
    assert.deepEqual(await readdir(join(root, '.underway')), []);
  });

  it('has URLs that curl gets and puts', async () => {
    const { store } = opened();
    const before = Date.now();
    await writeFile(join(folder.path, 'in'), 'payload');
    const put = await store.presign('PUT', 'out/new folder/é #1?.txt', 60);
    assert.ok(put.expiresAt >= before + 60_000);
    execFileSync('curl', ['-sSf', '-T', join(folder.path, 'in'), put.url]);
    const got = await store.presign('GET', 'out/new folder/é #1?.txt', 60);
    assert.equal(execFileSync('curl', ['-sSf', got.url]).toString(), 'payload');
  });

  for (const key of ['../x', 'a/../../x', '/etc/passwd', '.underway/x', 'a\0b']) {
    it(`refuses the key ${JSON.stringify(key)} in every call`, async () => {
      const { store } = opened();
      await assert.rejects(store.put(key, Buffer.from('x')), kind('badName'));
      await assert.rejects(store.get(key), kind('badName'));
      await assert.rejects(store.presign('PUT', key, 60), kind('badName'));
      await assert.rejects(store.presign('GET', key, 60), kind('badName'));
      await assert.rejects(store.head(key), kind('badName'));
      await assert.rejects(store.remove([key]), kind('badName'));
    });
  }

  it('is led nowhere by symbolic links', async () => {
    const { root, store } = opened();
    await store.put('a/x', Buffer.from('x'));
    await mkdir(join(folder.path, 'outside'));
    await writeFile(join(folder.path, 'outside', 'secret'), 'secret');
    await symlink(join(folder.path, 'outside'), join(root, 'link'));
    await symlink(join(folder.path, 'outside', 'secret'), join(root, 'a', 'file'));
    for (const key of ['link/secret', 'a/file']) await assert.rejects(store.get(key), kind('badName'));
    await assert.rejects(store.put('link/new', Buffer.from('x')), kind('badName'));
    await assert.rejects(store.put('link/deep/new', Buffer.from('x')), kind('badName'));
    await assert.rejects(store.presign('PUT', 'link/new', 60), kind('badName'));
    await assert.rejects(store.remove(['link/secret']), kind('badName'));
    assert.deepEqual(await readdir(join(folder.path, 'outside')), ['secret']);
    assert.deepEqual(await keysOf(store, ''), ['a/x']);
  });

  it('says in words what the disk refuses', async () => {
    await writeFile(join(folder.path, 'file'), '');
    const store = folderStore(join(folder.path, 'file', 'below'));
    await assert.rejects(
      store.put('x', Buffer.from('x')),
      (error) => kind('local')(error) && String(error).includes('a folder on the way is a file'),
    );
  });
});
