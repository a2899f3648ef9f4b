import assert from 'node:assert/strict';
import { crc32, gzipSync } from 'node:zlib';
import { PandaError } from '../../../src/panda/index.ts';
import { no, ok, plain, startFakeServer } from './fakeServer.ts';
import type { Asked, FakeServer } from './fakeServer.ts';

const plainContent = Buffer.from('#!/bin/sh\necho hello\n'.repeat(10));
const content = gzipSync(plainContent);
const NAME = 'jobO.0123456789abcdef.tar.gz';

describe('cache files', () => {
  let server: FakeServer;
  const methods = (): string[] => server.asked.map(({ path }) => path.split('/').at(-1) ?? '');
  beforeEach(async () => {
    server = await startFakeServer();
  });
  afterEach(() => server.close());

  it('there already: found by size and the CRC of the gzip trailer, and kept', async () => {
    server.answer = (asked, response) =>
      ok(response, null, asked.path.endsWith('validate_cache_file') ? `FOUND::${NAME}` : '');
    await server.client().files.ensureCacheFile(NAME, content);
    assert.deepEqual(methods(), ['validate_cache_file', 'touch_cache_file']);
    assert.deepEqual(JSON.parse(server.asked[0]?.text ?? ''), {
      file_size: content.length,
      checksum: String(crc32(plainContent)),
    });
  });

  it('not there: uploaded as it is', async () => {
    server.answer = (asked, response) =>
      asked.path.endsWith('validate_cache_file') ? no(response, 'NOTFOUND') : ok(response, null);
    await server.client().files.ensureCacheFile(NAME, content);
    assert.deepEqual(methods(), ['validate_cache_file', 'upload_cache_file']);
    assert.deepEqual(uploaded(server.asked[1]), { name: NAME, content });
  });

  it('found under another name, or gone before it was kept: uploaded', async () => {
    server.answer = (asked, response) =>
      ok(response, null, asked.path.endsWith('validate_cache_file') ? 'FOUND:host:other.tar.gz' : '');
    await server.client().files.ensureCacheFile(NAME, content);
    assert.deepEqual(methods(), ['validate_cache_file', 'upload_cache_file']);
    server.asked.length = 0;
    server.answer = (asked, response) =>
      asked.path.endsWith('touch_cache_file')
        ? no(response, 'Failed to touch file')
        : ok(response, null, `FOUND::${NAME}`);
    await server.client().files.ensureCacheFile(NAME, content);
    assert.deepEqual(methods(), ['validate_cache_file', 'touch_cache_file', 'upload_cache_file']);
  });

  it('the name is taken: good when the cache serves the same, an error when not', async () => {
    let held: Buffer = content;
    server.answer = (asked, response) => {
      if (asked.path.startsWith('/cache/')) response.end(held);
      else if (asked.path.endsWith('validate_cache_file')) no(response, 'NOTFOUND');
      else no(response, 'ERROR: cannot overwrite file');
    };
    await server.client().files.ensureCacheFile(NAME, content);
    held = Buffer.from('something else');
    await assert.rejects(
      server.client().files.ensureCacheFile(NAME, content),
      /holds another file of this name/,
    );
  });

  it('an upload that failed after the file was stored is a success', async () => {
    server.answer = (asked, response) => {
      if (asked.path.startsWith('/cache/')) response.end(content);
      else if (asked.path.endsWith('validate_cache_file')) no(response, 'NOTFOUND');
      else plain(response, 500, 'cannot register');
    };
    await server.client().files.ensureCacheFile(NAME, content);
    server.answer = (asked, response) => {
      if (asked.path.startsWith('/cache/')) plain(response, 404, '<html></html>');
      else if (asked.path.endsWith('validate_cache_file')) no(response, 'NOTFOUND');
      else plain(response, 500, 'cannot register');
    };
    await assert.rejects(server.client().files.ensureCacheFile(NAME, content), /cannot register/);
  });

  it('too large for the server: its words, as a refusal', async () => {
    server.answer = (asked, response) =>
      no(
        response,
        asked.path.endsWith('upload_cache_file')
          ? 'ERROR: upload failure. Exceeded size limit 11 MB > 10 MB. Please submit'
          : 'NOTFOUND',
      );
    await assert.rejects(
      server.client().files.ensureCacheFile(NAME, content),
      /Exceeded size limit 11 MB > 10 MB/,
    );
  });

  it('names that could mean something else are refused', async () => {
    const { files } = server.client();
    for (const name of ['', '../x', 'a/b', '.hidden', 'a b', 'a"b', 'a\r\nb', 'x'.repeat(201)]) {
      await assert.rejects(files.ensureCacheFile(name, content), PandaError);
      assert.throws(() => files.cacheUrl(name), PandaError);
    }
    assert.equal(files.cacheUrl(NAME), `${server.url}/cache/${NAME}`);
    assert.equal(server.asked.length, 0);
  });

  it('downloads without a token; what is gone is not found', async () => {
    server.answer = (_asked, response) => void response.end(content);
    assert.deepEqual(await server.client().files.downloadCacheFile(NAME), content);
    assert.equal(server.asked[0]?.headers.authorization, undefined);
    server.answer = (_asked, response) => plain(response, 404, '<html></html>');
    await assert.rejects(server.client().files.downloadCacheFile(NAME), { kind: 'notFound' });
  });
});

describe('readRange', () => {
  const text = Buffer.from('0123456789');
  let server: FakeServer;
  let other: FakeServer;
  beforeEach(async () => {
    server = await startFakeServer();
    other = await startFakeServer();
  });
  afterEach(async () => {
    await server.close();
    await other.close();
  });

  it('reads a part and learns the size', async () => {
    server.answer = (asked, response) => {
      assert.equal(asked.headers.range, 'bytes=4-6');
      assert.equal(asked.headers['accept-encoding'], 'identity');
      response.writeHead(206, { 'Content-Range': 'bytes 4-6/10' }).end(text.subarray(4, 7));
    };
    const piece = await server.client().files.readRange(`${server.url}/storage/1/payload.stdout`, 4, 3);
    assert.deepEqual(
      { bytes: Buffer.from(piece.bytes).toString(), size: piece.size },
      { bytes: '456', size: 10 },
    );
  });

  it('takes the part out of a whole answer; beyond the end is nothing', async () => {
    const { files } = server.client();
    server.answer = (_asked, response) => void response.writeHead(200).end(text);
    assert.deepEqual(await files.readRange(`${server.url}/a`, 8, 5), { bytes: text.subarray(8), size: 10 });
    server.answer = (_asked, response) =>
      void response.writeHead(416, { 'Content-Range': 'bytes */10' }).end();
    const beyond = await files.readRange(`${server.url}/a`, 10, 5);
    assert.deepEqual([beyond.bytes.length, beyond.size], [0, 10]);
  });

  it('no file yet, another part than asked, other troubles', async () => {
    const { files } = server.client();
    server.answer = (_asked, response) => plain(response, 404, 'no');
    await assert.rejects(files.readRange(`${server.url}/a`, 0, 5), { kind: 'notFound' });
    server.answer = (_asked, response) =>
      void response.writeHead(206, { 'Content-Range': 'bytes 3-5/9' }).end('abc');
    await assert.rejects(files.readRange(`${server.url}/a`, 0, 3), { kind: 'protocol' });
    server.answer = (_asked, response) => plain(response, 403, 'ERROR : no');
    await assert.rejects(files.readRange(`${server.url}/a`, 0, 3), { kind: 'unauthorised' });
    const page = '<!doctype html><title>Sign in</title>';
    server.answer = (_asked, response) =>
      void response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page);
    await assert.rejects(files.readRange(`${server.url}/a`, 0, 3), {
      kind: 'protocol',
      cameBack: /page to sign in/,
    });
    // What a payload printed is what it is.
    server.answer = (_asked, response) => plain(response, 200, page);
    assert.equal((await files.readRange(`${server.url}/a`, 0, 3)).size, page.length);
  });

  it('gives the token to the hosts of the profile only', async () => {
    const answer = (_asked: Asked, response: import('node:http').ServerResponse): void =>
      void response.writeHead(200).end(text);
    server.answer = answer;
    other.answer = answer;
    const { files } = server.client();
    await files.readRange(`${server.url}/a`, 0, 5);
    await files.readRange(`${other.url}/a`, 0, 5);
    assert.match(server.asked[0]?.headers.authorization ?? '', /^Bearer /);
    assert.equal(other.asked[0]?.headers.authorization, undefined);
    assert.equal(other.asked[0]?.headers.origin, undefined);
  });

  it('refuses what is no web address and ranges out of bounds', async () => {
    const { files } = server.client();
    for (const url of ['unknown', 'file:///etc/passwd', 'gs://bucket/x', 'http://user:pw@host/x', '']) {
      await assert.rejects(files.readRange(url, 0, 5), { kind: 'rejected' });
    }
    for (const [from, length] of [
      [-1, 5],
      [0, 0],
      [0.5, 1],
      [0, 2 ** 40],
    ] as const) {
      await assert.rejects(files.readRange(`${server.url}/a`, from, length), RangeError);
    }
    assert.equal(server.asked.length, 0);
  });
});

function uploaded(asked: Asked | undefined): { name: string; content: Buffer } {
  assert.ok(asked !== undefined);
  const boundary = /boundary=(\S+)$/.exec(asked.headers['content-type'] ?? '')?.[1] ?? '';
  const start = asked.raw.indexOf('\r\n\r\n') + 4;
  const end = asked.raw.lastIndexOf(`\r\n--${boundary}--\r\n`);
  const head = asked.raw.subarray(0, start).toString();
  assert.match(head, /name="file"/);
  return { name: /filename="([^"]*)"/.exec(head)?.[1] ?? '', content: asked.raw.subarray(start, end) };
}
