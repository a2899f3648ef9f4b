import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createPandaClient, PandaError } from '../../../../src/panda/index.ts';
import type { PandaClient, Profile } from '../../../../src/panda/index.ts';
import { ok, quick, startFakeServer, testProfile } from '../fakeServer.ts';

const fixture = (name: string): string => path.resolve(import.meta.dirname, '../../../fixtures/tls', name);
const pem = (name: string): Buffer => readFileSync(fixture(name));

interface Closing {
  readonly port: number;
  close(): Promise<void>;
}

async function listening(server: http.Server | https.Server | net.Server): Promise<Closing> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

describe('secure connections', () => {
  const seen: string[] = [];
  let secure: Closing;
  let client: PandaClient | undefined;
  /** What one test opened besides. */
  const opened: Closing[] = [];

  before(async () => {
    const server = https.createServer(
      {
        key: pem('server-key.pem'),
        cert: pem('server.pem'),
        ca: pem('ca.pem'),
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        const subject = (request.socket as TLSSocket).getPeerCertificate().subject as
          { CN?: string } | undefined;
        seen.push(subject?.CN ?? 'nobody');
        ok(response, null);
      },
    );
    secure = await listening(server);
  });
  after(() => secure.close());
  afterEach(async () => {
    client?.dispose();
    await Promise.all(opened.splice(0).map((one) => one.close()));
    seen.length = 0;
  });

  const connect = (changes: Partial<Profile>): PandaClient => {
    const url = `https://localhost:${secure.port}`;
    const profile = { ...testProfile(url), authentication: { kind: 'none' } as const, ...changes };
    client = createPandaClient(profile, quick);
    return client;
  };

  it('an unknown authority is refused, with what to do', async () => {
    await assert.rejects(connect({}).system.isAlive(), (error: unknown) => {
      assert.ok(error instanceof PandaError);
      assert.equal(error.kind, 'unreachable');
      assert.match(error.message, /secure connection could not be made/);
      assert.match(error.advice, /certificate authority/);
      return true;
    });
    await assert.rejects(connect({}).jobs.kill([1]), { mayHaveActed: false });
    assert.deepEqual(seen, []);
  });

  it("the profile's authority is added to the system's", async () => {
    await connect({ caFile: fixture('ca.pem') }).system.isAlive();
    assert.deepEqual(seen, ['nobody']);
  });

  it('authorities may lie in a folder, as at grid sites', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'authorities-'));
    try {
      await copyFile(fixture('ca.pem'), path.join(folder, '5ed36f99.0'));
      await copyFile(fixture('ca.pem'), path.join(folder, 'test.pem'));
      await writeFile(path.join(folder, 'test.namespaces'), 'TO Issuer PERMIT');
      await connect({ caFile: folder }).system.isAlive();
      assert.deepEqual(seen, ['nobody']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('the check can be turned off by the user', async () => {
    await connect({ verifyHost: false }).system.isAlive();
    assert.equal(seen.length, 1);
  });

  it('a client certificate goes along, on kept and on own connections', async () => {
    const authentication = {
      kind: 'certificate',
      certFile: fixture('client.pem'),
      keyFile: fixture('client-key.pem'),
    } as const;
    const alice = connect({ caFile: fixture('ca.pem'), authentication });
    await alice.system.isAlive();
    await alice.jobs.reassign([1]);
    assert.deepEqual(seen, ['Alice Adams', 'Alice Adams']);
  });

  it('survives an editor that puts its own agent on every request', async () => {
    const request = https.request.bind(https);
    const original = Object.getOwnPropertyDescriptor(https, 'request');
    assert.ok(original !== undefined);
    // As VS Code does in its default proxy mode.
    https.request = ((options: https.RequestOptions, onAnswer: () => void) =>
      request({ ...options, agent: new https.Agent() }, onAnswer)) as typeof https.request;
    try {
      const authentication = {
        kind: 'certificate',
        certFile: fixture('client.pem'),
        keyFile: fixture('client-key.pem'),
      } as const;
      await connect({ caFile: fixture('ca.pem'), authentication }).system.isAlive();
      assert.deepEqual(seen, ['Alice Adams']);
    } finally {
      Object.defineProperty(https, 'request', original);
    }
  });

  it('a file that is not there is named', async () => {
    await assert.rejects(
      connect({ caFile: '/no/such/ca.pem' }).system.isAlive(),
      /\/no\/such\/ca.pem: there is no such file/,
    );
  });

  it('plain text where a secure connection is expected: nothing was sent', async () => {
    const plain = await startFakeServer();
    opened.push({ port: 0, close: () => plain.close() });
    await assert.rejects(connect({ server: plain.url.replace('http:', 'https:') }).jobs.kill([1]), {
      kind: 'unreachable',
      mayHaveActed: false,
    });
  });

  it('a proxy is used for other hosts, and tunnels what is secure', async () => {
    const targets: string[] = [];
    const proxy = http.createServer((request, response) => {
      targets.push(request.url ?? '');
      ok(response, null);
    });
    proxy.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      targets.push(request.url ?? '');
      const onward = net.connect(secure.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket);
        socket.pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    const listener = await listening(proxy);
    opened.push(listener);
    const through = { proxy: `http://127.0.0.1:${listener.port}`, verifyHost: false };
    await connect({ ...through, server: 'https://panda.example.invalid:8443' }).system.isAlive();
    await connect({ ...through, server: 'http://panda.example.invalid' }).jobs.reassign([1]);
    assert.deepEqual(targets, [
      'panda.example.invalid:8443',
      'http://panda.example.invalid/api/v1/job/reassign',
    ]);
    await connect(through).system.isAlive();
    assert.equal(targets.length, 2);
    await listener.close();
    await assert.rejects(connect({ ...through, server: 'https://panda.example.invalid' }).jobs.kill([1]), {
      kind: 'unreachable',
      mayHaveActed: false,
    });
  });

  it('a proxy that refuses is told from the server: nothing was sent', async () => {
    let status = 407;
    const proxy = http.createServer((_, response) => response.writeHead(status).end('not for you'));
    proxy.on('connect', (_, socket: net.Socket) => {
      socket.on('error', () => undefined);
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 100\r\n\r\n<html>`);
    });
    const listener = await listening(proxy);
    opened.push(listener);
    const through = { proxy: `http://127.0.0.1:${listener.port}`, verifyHost: false };
    const kill = (server: string): Promise<unknown> => connect({ ...through, server }).jobs.kill([1]);
    for (const server of ['https://panda.example.invalid', 'http://panda.example.invalid']) {
      await assert.rejects(kill(server), (error: unknown) => {
        assert.ok(error instanceof PandaError);
        assert.equal(error.kind, 'unreachable');
        assert.equal(error.mayHaveActed, false);
        assert.match(error.message, /the proxy wants a name and password that it knows \(HTTP 407\)/);
        assert.match(error.advice, /HTTPS_PROXY/);
        return true;
      });
    }
    for (status of [403, 502]) {
      await assert.rejects(kill('https://panda.example.invalid'), (error: unknown) => {
        assert.ok(error instanceof PandaError);
        assert.equal(error.mayHaveActed, false);
        assert.match(error.message, new RegExp(`did not let the connection through \\(HTTP ${status}\\)`));
        return true;
      });
    }
  });
});
