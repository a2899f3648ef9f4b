import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { readClaims } from '../../../../src/panda/index.ts';
import { SandboxError, startSandboxServer } from '../../../../src/sandbox/index.ts';
import { sandboxLayout } from '../../../../src/sandbox/layout.ts';
import { rawCall } from './rawCall.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

const STATUS = '/api/v1/job/get_status?job_ids=1';
const ALIVE = '/api/v1/system/is_alive';

describe('who reaches the sandbox', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await openSandbox();
  });
  after(() => sandbox.close());

  const ask = (target: string, headers: Readonly<Record<string, string>>) =>
    rawCall(sandbox.server.url, {
      method: 'GET',
      path: target,
      headers: { Accept: 'application/json', ...headers },
    });

  it('knows its token, with any scheme and the VO as Origin', async () => {
    const token = sandbox.server.token;
    for (const Authorization of [`Bearer ${token}`, `Basic ${token}`]) {
      for (const Origin of ['lsst', 'Rubin', 'lsst:production', 'lsst.production']) {
        const answer = await ask(STATUS, { Authorization, Origin });
        assert.match(answer.text, /"success":true/u, `${Authorization} ${Origin}`);
      }
    }
  });

  it('has a token of the form that PanDA’s own client takes its user’s name from', () => {
    const claims = readClaims(sandbox.server.token);
    assert.deepEqual([claims?.name, claims?.preferredUsername], ['tester', 'tester']);
  });

  it('refuses another token everywhere, and says so without it', async () => {
    for (const target of [STATUS, ALIVE, '/jobs/?json']) {
      const answer = await ask(target, { Authorization: 'Bearer wrong-token', Origin: 'lsst' });
      assert.equal(answer.status, 403);
      assert.match(answer.text, /^ERROR : Token authentication failed\. /u);
      assert.doesNotMatch(answer.text, /wrong-token/u);
    }
  });

  it('wants to know the VO', async () => {
    const answer = await ask(STATUS, { Authorization: `Bearer ${sandbox.server.token}` });
    assert.equal(answer.status, 403);
    assert.match(answer.text, /Origin/u);
  });

  it('lets nobody without a token do anything', async () => {
    const answer = await ask(STATUS, {});
    assert.match(answer.text, /SSL secure connection is required/u);
    assert.equal((await ask('/jobs/?json', {})).status, 401);
    assert.equal((await ask('/storage/1/payload.stdout', {})).status, 403);
    assert.match((await ask(ALIVE, {})).text, /"success":true/u);
  });

  it('does not answer web pages, whatever they know', async () => {
    const Authorization = `Bearer ${sandbox.server.token}`;
    for (const Origin of [
      'http://localhost:3000',
      'https://evil.example',
      'null',
      'vscode-webview://x',
      'file://',
    ]) {
      const answer = await ask(ALIVE, { Authorization, Origin });
      assert.equal(answer.status, 403, Origin);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  });

  it('does not answer under another name', async () => {
    const port = new URL(sandbox.server.url).port;
    for (const Host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      `127.0.0.2:${port}`,
    ]) {
      assert.equal((await ask(ALIVE, { Host })).status, 403, Host);
    }
    assert.equal((await ask(ALIVE, { Host: `localhost:${port}` })).status, 200);
  });

  it('hides the token from what it says of a request', async () => {
    const answer = await sandbox.get('/api/v1/system/get_attributes?probe=x');
    assert.match(answer.text, /probe/u);
    assert.ok(!answer.text.includes(sandbox.server.token));
  });

  it('keeps its folder and files to their owner', () => {
    const layout = sandboxLayout(sandbox.folder);
    for (const folder of [layout.cacheFolder, layout.storageFolder, layout.workFolder]) {
      assert.equal(statSync(folder).mode & 0o077, 0, folder);
    }
    for (const file of [layout.database, layout.lockFile]) assert.equal(statSync(file).mode & 0o077, 0, file);
  });

  it('refuses a second sandbox on its folder, and a port in use', async () => {
    await assert.rejects(startSandboxServer({ dataFolder: sandbox.folder, owner: 'x' }), (error) => {
      assert.ok(error instanceof SandboxError);
      assert.match(error.message, /already running/u);
      assert.notEqual(error.advice, '');
      return true;
    });
    const port = Number(new URL(sandbox.server.url).port);
    const dataFolder = path.join(sandbox.folder, 'other');
    await assert.rejects(startSandboxServer({ dataFolder, owner: 'x', port }), (error) => {
      assert.ok(error instanceof SandboxError);
      assert.match(error.message, new RegExp(`Port ${port} .* in use`, 'u'));
      return true;
    });
    // The refused one has let go of its folder.
    await (await startSandboxServer({ dataFolder, owner: 'x' })).close();
  });

  it('says what is wrong with a folder that cannot be used', async () => {
    const dataFolder = path.join(sandboxLayout(sandbox.folder).database, 'below a file');
    await assert.rejects(startSandboxServer({ dataFolder, owner: 'x' }), (error) => {
      assert.ok(error instanceof SandboxError);
      assert.match(error.message, /cannot be used: it is not a folder/u);
      return true;
    });
  });
});

describe('limits of the sandbox', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await openSandbox();
  });
  after(() => sandbox.close());

  it('refuses a body of more than 64 MB, compressed or not, and lives on', async () => {
    const large = Buffer.alloc(65 * 1024 * 1024, ' ');
    const zipped = gzipSync(large);
    for (const [body, more] of [
      [large, {}],
      [zipped, { 'Content-Encoding': 'gzip' }],
    ] as const) {
      const answer = await rawCall(sandbox.server.url, {
        method: 'POST',
        path: '/api/v1/job/kill',
        headers: { ...sandbox.headers, 'Content-Type': 'application/json', ...more },
        body,
      });
      assert.equal(answer.status, body === large ? 413 : 500);
      assert.match(answer.text, /larger than 64 MB/u);
    }
    assert.ok((await sandbox.call('system/is_alive')).success);
  });

  it('reads little from who has no token', async () => {
    const answer = await rawCall(sandbox.server.url, {
      method: 'POST',
      path: ALIVE,
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.alloc(100 * 1024, ' '),
    });
    assert.equal(answer.status, 413);
  });

  it('refuses a request line that is too long', async () => {
    const answer = await sandbox.get(`${ALIVE}?x=${'y'.repeat(8200)}`);
    assert.equal(answer.status, 414);
  });

  it('survives what is no HTTP, and half a request', async () => {
    const { hostname, port } = new URL(sandbox.server.url);
    for (const text of [
      '\0\x01garbage\r\n\r\n',
      'POST /api/v1/job/kill HTTP/1.1\r\nContent-Length: 99\r\n\r\n{',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = net.connect(Number(port), hostname, () => {
          socket.write(text);
          socket.end();
        });
        socket.resume().on('close', () => resolve());
        socket.on('error', () => resolve());
      });
    }
    assert.ok((await sandbox.call('system/is_alive')).success);
  });

  it('survives a client that leaves in the middle of an answer', async () => {
    const ids = await sandbox.submit(
      Array.from({ length: 300 }, (_item, index) => ({ jobName: `j${index}` })),
    );
    const body = JSON.stringify({
      job_ids: Array.from({ length: 20 }, () => ids)
        .flat()
        .slice(0, 5000),
    });
    await new Promise<void>((resolve, reject) => {
      const request = http.request(`${sandbox.server.url}/api/v1/job/get_description`, {
        method: 'POST',
        headers: { ...sandbox.headers, 'Content-Type': 'application/json' },
      });
      request.on('response', (response) => {
        response.once('data', () => {
          response.destroy();
          resolve();
        });
      });
      request.on('error', reject);
      request.end(body);
    });
    assert.ok((await sandbox.call('system/is_alive')).success);
  });
});
