import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { PlainGets } from '../../../src/staging/stores/s3/plainGets.ts';
import type { PlainReply } from '../../../src/staging/stores/s3/plainGets.ts';

/** What is sent for a request, by its path. */
type Script = (socket: Socket, path: string) => void;

describe('plain GET requests', () => {
  const patience = { connectMs: 30_000, idleMs: 30_000 };
  let server: Server;
  let url: URL;
  let gets: PlainGets;
  let connections: number;
  let requests: string[];
  let script: Script;
  beforeEach(async () => {
    connections = 0;
    requests = [];
    server = createServer((socket) => {
      connections += 1;
      let text = '';
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
          const request = text.slice(0, end);
          text = text.slice(end + 4);
          requests.push(request);
          script(socket, request.split(' ')[1] ?? '');
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    url = new URL(`http://127.0.0.1:${port}`);
    gets = new PlainGets({ url, ...patience });
  });
  afterEach(async () => {
    gets.dispose();
    server.close();
    await once(server, 'close');
  });

  const get = (path = '/', signal?: AbortSignal): Promise<PlainReply> =>
    gets.get(path, { host: 'h' }, signal);
  const read = async ({ answer }: PlainReply, rest?: () => Promise<unknown>): Promise<Buffer> => {
    assert.ok(answer !== undefined);
    const pieces: Buffer[] = [];
    for await (const piece of answer.bytes) {
      pieces.push(Buffer.from(piece));
      await rest?.();
    }
    return Buffer.concat(pieces);
  };
  const ok = (body: Buffer, more = ''): Buffer =>
    Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${more}\r\n`), body]);
  const bodies = [0, 1, 20_000, 65_536, 200_000, 5_000_001].map((size) => randomBytes(size));

  it('bring bodies of all lengths, many over one connection, however slowly they are taken', async () => {
    script = (socket, path) => socket.write(ok(bodies[Number(path.slice(1))]!));
    for (let round = 0; round < 3; round += 1) {
      for (const [index, body] of bodies.entries()) {
        assert.ok((await read(await get(`/${index}`), round === 1 ? turn : undefined)).equals(body));
      }
    }
    assert.equal(connections, 1);
    const all = await Promise.all(bodies.map(async (_body, index) => read(await get(`/${index}`))));
    assert.ok(all.every((body, index) => body.equals(bodies[index]!)));
    assert.ok(connections > 1);
  });

  it('take an answer that comes byte by byte, and name its headers in lower case', async () => {
    const bytes = [...ok(Buffer.from('slow'), 'X-Amz-Meta-A:  b c \r\nETag: "x"\r\n')];
    script = (socket) => {
      const [byte] = bytes.splice(0, 1);
      if (byte !== undefined) socket.write(Buffer.of(byte), () => setImmediate(() => script(socket, '/')));
    };
    const reply = await get();
    assert.equal((await read(reply)).toString(), 'slow');
    assert.deepEqual(
      ['x-amz-meta-a', 'etag', 'none'].map((name) => reply.answer?.headers.get(name)),
      ['b c', '"x"', undefined],
    );
  });

  it('leave to others what is no plain yes, and use that connection no more', async () => {
    const heads: readonly (readonly [string, number | undefined])[] = [
      ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 404],
      ['HTTP/1.1 307 Elsewhere\r\nLocation: http://h/\r\nContent-Length: 0\r\n\r\n', 307],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n', 200],
      ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n', 200],
      ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na', 200],
      ['HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 200],
      ['HTTP/1.1 200 OK\r\n\r\n', 200],
      ['HTTP/1.1 100 Continue\r\n\r\n', undefined],
      ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', undefined],
      ['HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 1\r\n\r\na', undefined],
      ['SSH-2.0-OpenSSH\r\n\r\n', undefined],
      [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}\r\n\r\n`, undefined],
    ];
    for (const [head, status] of heads) {
      script = (socket) => socket.write(head);
      assert.deepEqual(await get(), { status, answer: undefined }, head.slice(0, 80));
    }
    assert.equal(connections, heads.length);
  });

  it('use a connection no more that is to be closed, or brought more than was announced', async () => {
    for (const answer of [
      ok(Buffer.from('a'), 'Connection: close\r\n'),
      Buffer.concat([ok(Buffer.from('a')), Buffer.from('b')]),
    ]) {
      connections = 0;
      script = (socket) => socket.write(answer);
      for (let time = 0; time < 2; time += 1) assert.equal((await read(await get())).toString(), 'a');
      assert.equal(connections, 2);
    }
  });

  it('ask again where a kept connection was closed', async () => {
    script = (socket) => {
      if (requests.length === 2) socket.destroy();
      else socket.write(ok(Buffer.from('a')));
    };
    for (let time = 0; time < 2; time += 1) assert.equal((await read(await get())).toString(), 'a');
    assert.equal(requests.length, 3);
  });

  it('fail where the connection breaks or stands still, before the answer and within it', async () => {
    const cut = ok(Buffer.from('abcdef')).subarray(0, -2);
    script = (socket) => void socket.end(cut);
    await assert.rejects(get().then(read), { code: 'ECONNRESET' });
    script = (socket) => void socket.end();
    await assert.rejects(get(), { code: 'ECONNRESET' });
    gets.dispose();
    gets = new PlainGets({ url, ...patience, idleMs: 300 });
    script = (socket) => socket.write(cut);
    await assert.rejects(get().then(read), { name: 'TimeoutError' });
    script = () => undefined;
    await assert.rejects(get(), { name: 'TimeoutError' });
    const { port } = server.address() as AddressInfo;
    const nobody = new PlainGets({
      url: new URL(`http://127.0.0.1:${port === 1 ? 2 : 1}`),
      ...patience,
    });
    await assert.rejects(nobody.get('/', {}, undefined), { code: 'ECONNREFUSED' });
  });

  it('end when told to, with the reason given', async () => {
    const reason = new Error('enough');
    for (const sent of [Buffer.alloc(0), ok(Buffer.from('abc')).subarray(0, -1)]) {
      const ending = new AbortController();
      script = (socket) => {
        socket.write(sent);
        setImmediate(() => ending.abort(reason));
      };
      await assert.rejects(get('/', ending.signal).then(read), reason);
    }
  });

  it('send nothing that would be more than one request', async () => {
    for (const headers of [{ host: 'h\r\nx: y' }, { host: 'h\n' }, { host: 'é' }]) {
      assert.deepEqual(await gets.get('/', headers, undefined), { status: undefined, answer: undefined });
    }
    assert.deepEqual((await gets.get('/ HTTP/1.1\r\n\r\n', {}, undefined)).status, undefined);
    assert.equal(connections, 0);
  });

  it('go over secure connections, to servers whose authority is known', async () => {
    const pem = (name: string): string =>
      readFileSync(join(import.meta.dirname, '../../fixtures/tls', name), 'utf8');
    const body = randomBytes(3_000_000);
    const secure = createSecureServer(
      { key: pem('server-key.pem'), cert: pem('server.pem') },
      (_request, response) => {
        response.writeHead(200, { 'content-length': body.length }).end(body);
      },
    ).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const secureUrl = new URL(`https://localhost:${(secure.address() as AddressInfo).port}`);
    const trusting = new PlainGets({
      url: secureUrl,
      secureContext: createSecureContext({ ca: pem('ca.pem') }),
      ...patience,
    });
    try {
      for (const rest of [undefined, turn]) {
        assert.ok((await read(await trusting.get('/', { host: 'h' }, undefined), rest)).equals(body));
      }
      await assert.rejects(
        new PlainGets({ url: secureUrl, ...patience }).get('/', { host: 'h' }, undefined),
        /certificate/,
      );
    } finally {
      trusting.dispose();
      secure.close();
    }
  });
});
