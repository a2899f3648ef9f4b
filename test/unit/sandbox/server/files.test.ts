import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { sandboxLayout } from '../../../../src/sandbox/layout.ts';
import { rawCall, type RawAnswer } from './rawCall.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

const BOUNDARY = 'a-boundary';

function part(field: string, filename: string, content: Uint8Array): Buffer {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="${filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n')]);
}

describe('files of the sandbox', () => {
  let sandbox: Sandbox;
  let layout: ReturnType<typeof sandboxLayout>;
  before(async () => {
    sandbox = await openSandbox();
    layout = sandboxLayout(sandbox.folder);
  });
  after(() => sandbox.close());

  const send = (body: Uint8Array): Promise<RawAnswer> =>
    rawCall(sandbox.server.url, {
      method: 'POST',
      path: '/api/v1/file_server/upload_cache_file',
      headers: { ...sandbox.headers, 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` },
      body,
    });
  const upload = (name: string, content: Uint8Array): Promise<RawAnswer> =>
    send(Buffer.concat([part('file', name, content), Buffer.from(`--${BOUNDARY}--\r\n`)]));

  it('gives back what was uploaded, to anybody, and finds it again by size and checksum', async () => {
    const content = gzipSync('the files of a job');
    assert.match((await upload('jobO.1.tar.gz', content)).text, /"success":true/u);
    const answer = await rawCall(sandbox.server.url, {
      method: 'GET',
      path: '/cache/jobO.1.tar.gz',
      headers: {},
    });
    assert.deepEqual(answer.bytes, content);
    const checksum = String(content.readUInt32LE(content.length - 8));
    const found = await sandbox.call('file_server/validate_cache_file', {
      file_size: content.length,
      checksum,
    });
    assert.equal(found.message, 'FOUND::jobO.1.tar.gz');
    assert.match((await upload('jobO.1.tar.gz', Buffer.from('other'))).text, /cannot overwrite file/u);
    const again = await sandbox.get('/cache/jobO.1.tar.gz');
    assert.deepEqual(again.bytes, content);
  });

  it('does not find a file that is gone', async () => {
    const content = gzipSync('soon gone');
    await upload('jobO.2.tar.gz', content);
    rmSync(path.join(layout.cacheFolder, 'jobO.2.tar.gz'));
    const checksum = String(content.readUInt32LE(content.length - 8));
    const found = await sandbox.call('file_server/validate_cache_file', {
      file_size: content.length,
      checksum,
    });
    assert.equal(found.message, 'NOTFOUND');
  });

  it('leaves nothing of an upload that is refused or broken', async () => {
    const big = await upload('big.tar.gz', Buffer.alloc(11 * 1024 * 1024));
    assert.match(big.text, /Exceeded size limit 11 MB > 10 MB/u);
    const half = await send(part('file', 'half.tar.gz', Buffer.from('half')).subarray(0, -3));
    assert.match(half.text, /"success":false/u);
    assert.match((await upload('.hidden', Buffer.from('x'))).text, /"success":false/u);
    assert.match((await send(Buffer.from('no parts at all'))).text, /"success":false/u);
    assert.match((await send(Buffer.alloc(0))).text, /"success":false/u);
    const names = readdirSync(layout.cacheFolder).filter((name) => !name.startsWith('jobO.'));
    assert.deepEqual(names, []);
  });

  it('reads a broken upload to its end wherever it breaks, and lives on', async () => {
    const whole = Buffer.concat([
      part('file', 'cut.tar.gz', Buffer.from('abc')),
      Buffer.from(`--${BOUNDARY}--\r\n`),
    ]);
    for (let length = 0; length < whole.length - 4; length += 7) {
      const answer = await send(whole.subarray(0, length));
      assert.match(answer.text, /"success":false/u, `cut after ${length} bytes`);
    }
    assert.ok((await sandbox.call('system/is_alive')).success);
  });

  it('says what is wrong when a file cannot be written', async () => {
    const other = await openSandbox();
    rmSync(sandboxLayout(other.folder).cacheFolder, { recursive: true });
    const answer = await rawCall(other.server.url, {
      method: 'POST',
      path: '/api/v1/file_server/upload_cache_file',
      headers: { ...other.headers, 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` },
      body: Buffer.concat([
        part('file', 'x.tar.gz', Buffer.alloc(100_000)),
        Buffer.from(`--${BOUNDARY}--\r\n`),
      ]),
    });
    assert.match(answer.text, /ERROR: cannot write file: its folder is gone/u);
    await other.close();
  });

  it('serves nothing outside its folders', async () => {
    writeFileSync(path.join(sandbox.folder, 'secret'), 'secret');
    symlinkSync(path.join(sandbox.folder, 'secret'), path.join(layout.cacheFolder, 'link'));
    for (const target of [
      '/cache/../panda.db',
      '/cache/..%2fpanda.db',
      '/cache/%2e%2e%2fpanda.db',
      '/cache/link',
      '/cache/',
      '/cache/.',
      '/storage/../panda.db',
      '/storage/1/..%2f..%2fpanda.db',
      '/storage/x/y',
      '/trf/anything.sh',
      '/panda.db',
    ]) {
      const answer = await sandbox.get(target);
      assert.equal(answer.status, 404, target);
    }
    rmSync(path.join(layout.cacheFolder, 'link'));
  });

  it('shows a log while it grows, part by part', async () => {
    const folder = path.join(layout.storageFolder, '42');
    const log = path.join(folder, 'payload.stdout');
    const read = (from: number) => sandbox.get('/storage/42/payload.stdout', { Range: `bytes=${from}-` });
    assert.equal((await read(0)).status, 404);
    mkdirSync(folder);
    writeFileSync(log, 'line 1\n');
    const first = await read(0);
    assert.deepEqual([first.status, first.text], [206, 'line 1\n']);
    assert.equal(first.headers['content-range'], 'bytes 0-6/7');
    const nothingNew = await read(7);
    assert.deepEqual([nothingNew.status, nothingNew.headers['content-range']], [416, 'bytes */7']);
    appendFileSync(log, 'line 2\n');
    assert.equal((await read(7)).text, 'line 2\n');
    const head = await rawCall(sandbox.server.url, {
      method: 'HEAD',
      path: '/storage/42/payload.stdout',
      headers: sandbox.headers,
    });
    assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, '14', '']);
  });

  it('lists the files of a job', async () => {
    const { text } = await sandbox.get('/filebrowser/?pandaid=42&json');
    const { files } = JSON.parse(text) as { files: { name: string; size: number; media_link: string }[] };
    assert.deepEqual(
      files.map(({ name, size }) => [name, size]),
      [['payload.stdout', 14]],
    );
    const way = await sandbox.get('/filebrowser/?pandaid=42&json&filename=payload.stdout');
    assert.equal(way.status, 301);
    assert.equal(way.headers.location, `${sandbox.server.url}/storage/42/payload.stdout`);
    assert.equal((await sandbox.get('/filebrowser/?pandaid=42&json&filename=x')).status, 404);
    assert.equal((await sandbox.get('/filebrowser/?pandaid=..&json')).status, 400);
  });

  it('serves the payload scripts of the folder it is given', async () => {
    const folder = path.join(sandbox.folder, 'payloads');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'hello.sh'), '#!/bin/sh\n');
    const dataFolder = path.join(sandbox.folder, 'another');
    const other = await openSandbox({ dataFolder, payloadFolder: folder });
    const answer = await rawCall(other.server.url, { method: 'GET', path: '/trf/hello.sh', headers: {} });
    assert.deepEqual([answer.status, answer.text], [200, '#!/bin/sh\n']);
    await other.close();
  });
});
