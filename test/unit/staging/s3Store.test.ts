import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { s3Store, StagingError } from '../../../src/staging/index.ts';
import type { StagingErrorKind, StagingStore } from '../../../src/staging/index.ts';
import type { ScriptedS3 } from './scriptedS3.ts';
import type { Fault } from './s3Wire.ts';
import { temporaryFolder } from './temporary.ts';
import { useS3 } from './useS3.ts';

const SECRET = 'verysecret';
const run = promisify(execFile);

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const taken: Uint8Array[] = [];
  for await (const piece of pieces) taken.push(piece);
  return Buffer.concat(taken);
}

async function keysOf(store: StagingStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

describe('the S3 store', () => {
  const folder = temporaryFolder();
  const opened = useS3();
  let s3: ScriptedS3;
  let store: StagingStore;
  beforeEach(() => {
    ({ s3, store } = opened);
  });

  it('gives back what was put, whole and in ranges', async () => {
    const bytes = randomBytes(300_000);
    const checksums = { size: bytes.length, adler32: '0badcafe', sha256: 'ab'.repeat(32) };
    await store.put('a/b c/é+&.bin', bytes, { checksums });
    assert.deepEqual([...s3.objects.keys()], ['a/b c/é+&.bin']);
    const content = await store.get('a/b c/é+&.bin');
    assert.equal(content.length, bytes.length);
    assert.equal(content.sha256, checksums.sha256);
    assert.deepEqual(await collect(content.bytes), bytes);
    const { bytes: range, size } = await store.readRange('a/b c/é+&.bin', 299_990, 100);
    assert.deepEqual(Buffer.from(range), bytes.subarray(299_990));
    assert.equal(size, 300_000);
    const beyond = await store.readRange('a/b c/é+&.bin', 400_000, 100);
    assert.deepEqual([beyond.bytes.length, beyond.size], [0, 300_000]);
    const details = await store.head('a/b c/é+&.bin');
    assert.deepEqual([details?.size, details?.adler32], [300_000, '0badcafe']);
    assert.equal(await store.head('none'), undefined);
  });

  it('puts part of a file as it is, without chunk headers', async () => {
    await writeFile(join(folder.path, 'f'), randomBytes(1_000_000));
    const handle = await open(join(folder.path, 'f'));
    let read = 0;
    await store.put('f', { handle, from: 100, length: 700_000, onRead: (bytes) => (read += bytes) });
    await store.put('empty', { handle, from: 0, length: 0 });
    await handle.close();
    assert.equal(read, 700_000);
    assert.equal(s3.objects.get('f')?.bytes.length, 700_000);
    assert.equal(s3.objects.get('empty')?.bytes.length, 0);
    assert.equal(s3.calls[0]?.headers['content-encoding'], undefined);
    assert.equal(s3.calls[0]?.headers['x-amz-checksum-crc32'], undefined);
  });

  it('keeps to its prefix', async () => {
    const below = s3.store({ prefix: 'desc/panda' });
    await store.put('other', Buffer.from('x'));
    await below.put('a/1', Buffer.from('x'));
    assert.deepEqual([...s3.objects.keys()].sort(), ['desc/panda/a/1', 'other']);
    assert.deepEqual(await keysOf(below, ''), ['a/1']);
    await below.remove(['a/1', 'other']);
    assert.deepEqual([...s3.objects.keys()], ['other']);
    await assert.rejects(below.put(`${'x/'.repeat(507)}x`, Buffer.from('x')), /1024 are the most/);
    await assert.rejects(below.get('../other'), /leads out/);
    below.dispose();
  });

  it('lists all pages', async () => {
    for (let number = 0; number < 10; number += 1) await store.put(`k/${number}`, Buffer.from('x'));
    assert.equal((await keysOf(store, 'k/')).length, 10);
    assert.equal(s3.count('ListObjectsV2'), 4);
  });

  it('removes one by one where the store knows no other way', async () => {
    for (const key of ['a', 'b']) await store.put(key, Buffer.from('x'));
    s3.fault = ({ operation }) =>
      operation === 'DeleteObjects' ? { kind: 'error', status: 400, code: 'MissingContentMD5' } : undefined;
    await store.remove(['a', 'b']);
    assert.equal(s3.objects.size, 0);
  });

  it('signs URLs that curl gets and puts', async () => {
    await writeFile(join(folder.path, 'in'), 'payload');
    const put = await store.presign('PUT', 'out/é #1?.txt', 3600);
    assert.ok(Math.abs(put.expiresAt - Date.now() - 3_600_000) < 60_000);
    // The checksum of an empty body would let nothing else be put.
    assert.doesNotMatch(put.url, /checksum|crc32/i);
    assert.match(put.url, /X-Amz-Expires=3600/);
    await run('curl', ['-sSf', '-T', join(folder.path, 'in'), put.url]);
    assert.equal(s3.objects.get('out/é #1?.txt')?.bytes.toString(), 'payload');
    const got = await store.presign('GET', 'out/é #1?.txt', 60);
    assert.equal((await run('curl', ['-sSf', got.url])).stdout, 'payload');
  });

  it('signs no checksum even where it sends them itself', async () => {
    const aws = s3.store({ checksums: 'whenSupported' });
    assert.doesNotMatch((await aws.presign('PUT', 'x', 60)).url, /checksum|crc32/i);
    await aws.put('x', Buffer.from('abc'));
    assert.ok(s3.calls.at(-1)?.headers['x-amz-checksum-crc32'] !== undefined);
    aws.dispose();
  });

  it('signs by the clock of the store when that of this machine is wrong', async () => {
    const ahead = new Date(Date.now() + 3_600_000);
    s3.fault = () => ({ kind: 'error', status: 403, code: 'RequestTimeTooSkewed', date: ahead });
    await assert.rejects(store.get('x'), StagingError);
    const { url } = await store.presign('PUT', 'x', 60);
    const signed = new URL(url).searchParams.get('X-Amz-Date') ?? '';
    assert.equal(signed.slice(0, 11), ahead.toISOString().replaceAll(/[-:]/g, '').slice(0, 11));
  });

  const failures: readonly (readonly [string, Fault, StagingErrorKind, RegExp])[] = [
    ['a bucket that is not there', error(404, 'NoSuchBucket'), 'noBucket', /there is no such bucket/],
    ['no right', error(403, 'AccessDenied', 'Access Denied'), 'denied', /Access Denied/],
    ['a wrong key', error(403, 'InvalidAccessKeyId'), 'denied', /InvalidAccessKeyId/],
    ['a wrong secret', error(403, 'SignatureDoesNotMatch'), 'denied', /Signature/],
    ['a wrong clock', error(403, 'RequestTimeTooSkewed'), 'clockSkew', /clocks/],
    ['an old token', error(400, 'ExpiredToken', 'The token has expired'), 'expired', /expired/],
    ['overload', error(503, 'SlowDown', 'Please reduce your request rate'), 'unreachable', /request rate/],
    ['an error of its own', error(500, 'InternalError'), 'unreachable', /Internal/],
    [
      'no space',
      error(507, 'XMinioStorageFull', 'Storage backend has reached its minimum free drive'),
      'full',
      /free drive/,
    ],
    ['a used-up quota', error(403, 'QuotaExceeded'), 'full', /Quota/],
    ['other bytes', error(400, 'BadDigest'), 'checksum', /other bytes/],
    [
      'an answer of its own making',
      error(418, 'Teapot', 'short and stout'),
      'protocol',
      /HTTP 418: short and stout/,
    ],
    ['a page to sign in', { kind: 'html' }, 'protocol', /not an S3 store/],
    ['a connection that breaks', { kind: 'cutRequest', after: 1 }, 'unreachable', /connection broke/],
    ['silence', { kind: 'silence' }, 'unreachable', /silent/],
  ];
  for (const [what, fault, kind, words] of failures) {
    it(`says so when it meets ${what}`, async () => {
      s3.fault = () => fault;
      for (const call of [() => store.put('k', randomBytes(100)), () => keysOf(store, '')]) {
        if (fault.kind === 'cutRequest' && call !== undefined && s3.calls.length > 0) continue;
        await assert.rejects(call(), (thrown) => {
          assert.ok(thrown instanceof StagingError, String(thrown));
          assert.equal(thrown.kind, kind, thrown.message);
          assert.match(thrown.message, words);
          assert.match(thrown.message, /^Could not .*\.$/s);
          assert.ok(thrown.advice.length > 0);
          assert.doesNotMatch(
            inspect(thrown, { depth: 9, showHidden: true }),
            new RegExp(`${SECRET}|Signature=[0-9a-f]{64}`),
          );
          return true;
        });
      }
    });
  }

  it('shows no secret that a store quotes', async () => {
    const message =
      'Bad: https://h/k?X-Amz-Credential=AKID/1&X-Amz-Signature=abcdef0123 and Credential=AKID/2026, Signature=abcdef0123';
    s3.fault = () => error(400, 'Odd', message);
    await assert.rejects(store.get('x'), (thrown) => {
      assert.doesNotMatch(inspect(thrown, { depth: 9 }), /abcdef0123|AKID\//);
      return true;
    });
  });

  it('fails a body that breaks off, and one that stands still', async () => {
    await store.put('x', randomBytes(200_000));
    for (const kind of ['cutBody', 'stallBody'] as const) {
      s3.fault = () => ({ kind, after: 70_000 });
      const broken = await store.get('x');
      await assert.rejects(
        collect(broken.bytes),
        (thrown) => thrown instanceof StagingError && thrown.kind === 'unreachable' && thrown.passing,
      );
    }
  });

  it('ends when told to, with the reason given', async () => {
    s3.fault = () => ({ kind: 'silence' });
    const ending = new AbortController();
    const reason = new Error('enough');
    const waiting = store.put('x', randomBytes(10), { signal: ending.signal });
    setImmediate(() => ending.abort(reason));
    await assert.rejects(waiting, reason);
    await assert.rejects(store.get('x', { signal: ending.signal }), reason);
  });

  it('fails, and does not wait, when a file ends too soon', async () => {
    await writeFile(join(folder.path, 'f'), randomBytes(10));
    const handle = await open(join(folder.path, 'f'));
    await assert.rejects(
      store.put('f', { handle, from: 0, length: 20 }),
      (thrown) => thrown instanceof StagingError && thrown.kind === 'changed',
    );
    await handle.close();
    assert.equal(s3.objects.size, 0);
  });

  it('does not read what was replaced meanwhile', async () => {
    await store.put('x', Buffer.from('one'));
    const { etag } = (await store.head('x'))!;
    await store.put('x', Buffer.from('two'));
    await assert.rejects(
      store.get('x', { etag: etag! }),
      (thrown) => thrown instanceof StagingError && thrown.kind === 'changed',
    );
  });

  it('says that nobody answers', async () => {
    await s3.stop();
    await assert.rejects(
      store.get('x'),
      (thrown) =>
        thrown instanceof StagingError &&
        thrown.kind === 'unreachable' &&
        thrown.message.includes('no connection'),
    );
    await s3.start();
  });

  it('says which certificate file is missing, and finds it later', async () => {
    const caFile = join(folder.path, 'ca.pem');
    const secured = s3Store({
      bucket: 'desc',
      prefix: '',
      endpoint: s3.endpoint,
      region: undefined,
      pathStyle: undefined,
      caFile,
      credentials: { kind: 'keys', accessKeyId: 'a', secretAccessKey: SECRET },
      checksums: undefined,
    });
    await assert.rejects(
      secured.head('x'),
      (thrown) => thrown instanceof StagingError && thrown.kind === 'local',
    );
    await writeFile(caFile, '');
    assert.equal(await secured.head('x'), undefined);
    secured.dispose();
  });

  it('describes itself without its keys', () => {
    const described = s3.store({ prefix: 'a/b/' });
    assert.equal(described.describe(), `bucket desc/a/b at ${new URL(s3.endpoint).host}`);
    assert.doesNotMatch(inspect(described, { depth: 9, showHidden: true }), new RegExp(SECRET));
  });
});

function error(status: number, code: string, message?: string): Fault {
  return { kind: 'error', status, code, ...(message === undefined ? {} : { message }) };
}
