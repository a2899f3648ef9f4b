import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createDatacatClient, DatacatError } from '../../../src/datacat/index.ts';
import type { DatacatClient, DatacatDependencies } from '../../../src/datacat/index.ts';

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

describe('the client of the data catalog, where something else answers', () => {
  let server: http.Server;
  let answer: Answer;
  let asked: string[];
  let url: string;
  const clients: DatacatClient[] = [];
  beforeEach(async () => {
    asked = [];
    server = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume();
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/datacat/r/`;
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.dispose();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const TOKEN = 'very-secret-token-of-somebody';
  const client = (deps: DatacatDependencies = {}): DatacatClient => {
    const authentication = { kind: 'token', token: () => Promise.resolve(TOKEN), origin: 'lsst' } as const;
    const made = createDatacatClient({ url, authentication }, { random: () => 0, timeoutMs: 5_000, ...deps });
    clients.push(made);
    return made;
  };
  const text = (status: number, body: string, headers: http.OutgoingHttpHeaders = {}): Answer => {
    return (_request, response) => response.writeHead(status, headers).end(body);
  };
  const fails = async (call: Promise<unknown>): Promise<DatacatError> => {
    const error = await call.then(
      () => assert.fail('it did not fail'),
      (reason: unknown) => reason,
    );
    assert(error instanceof DatacatError, String(error));
    assert(!JSON.stringify([error.message, error.advice, error.stack, { ...error }]).includes(TOKEN));
    return error;
  };

  it('tells of a web page by its title', async () => {
    answer = text(200, '<html><head><title>Sign in to SLAC</title></head></html>');
    const error = await fails(client().children('/desc'));
    assert.equal(error.kind, 'protocol');
    assert.match(error.message, /^Could not list \/desc at http.*: a web page came back .*“Sign in to SLAC”/);
  });

  it('tells of JSON of another shape, of empty answers and of half ones', async () => {
    const flaws: readonly (readonly [body: string, message: RegExp])[] = [
      ['{"success": true}', /not a data catalog's \(children\)/],
      ['[{"_type": "folder"}]', /an entry without path/],
      ['[{"_type": "job", "path": "/a"}]', /the kind job/],
      ['[{"_type": "folder", "path": 3}]', /path/],
      [
        '[{"_type": "dataset#flat", "path": "/a", "versionId": 0, "versionMetadata": [{"key": "n", "value": {}, "type": "integer"}]}]',
        /metadata n/,
      ],
      ['[{"_type": "dataset", "path": "/a", "created": "yesterday"}]', /created/],
      ['[{"_type": "dataset#full", "path": "/a", "versionId": 0, "locations": [3]}]', /a location/],
      ['nonsense', /the answer is not JSON: nonsense/],
    ];
    for (const [body, message] of flaws) {
      answer = text(200, body);
      const error = await fails(client().children('/desc'));
      assert.deepEqual([error.kind, error.passing], ['protocol', false]);
      assert.match(error.message, message);
    }
    answer = text(200, '[{"_type": "folder", "pa');
    assert.match(
      (await fails(client().children('/'))).message,
      /only part of the answer came \(24 characters\)/,
    );
  });

  it('shows the sentence of the catalog without a stack, a path of it or a secret', async () => {
    const stack = 'java.lang.NullPointerException\n\tat org.srs.Thing(Thing.java:3)';
    answer = text(500, JSON.stringify({ message: 'No value', type: 'RuntimeException', cause: stack }));
    const failed = await fails(client().get('/a'));
    assert.match(failed.message, /the catalog failed with HTTP 500: No value\.$/);
    answer = text(
      403,
      JSON.stringify({ message: `Bad token Bearer ${TOKEN}`, type: 'AccessDeniedException', cause: stack }),
    );
    const denied = await fails(client().get('/a'));
    assert.deepEqual([denied.kind, denied.message.includes('Thing.java')], ['unauthorised', false]);
    answer = text(
      422,
      JSON.stringify({ message: 'Unable to parse filter', type: 'ParseException', cause: 'line 1:5' }),
    );
    assert.match((await fails(client().search('/a'))).message, /Unable to parse filter: line 1:5\.$/);
    answer = text(
      409,
      JSON.stringify({ message: 'Directory not empty', type: 'DirectoryNotEmptyException' }),
    );
    assert.equal((await fails(client().remove({ kind: 'folder', path: '/a' }))).kind, 'rejected');
    answer = text(
      400,
      JSON.stringify({ message: 'The target is not a dataset', type: 'NoSuchFileException' }),
    );
    assert.equal((await fails(client().dataset('/a'))).kind, 'notFound');
  });

  it('asks again where reading met trouble that passes, and never where something was to change', async () => {
    answer = text(503, 'later');
    const read = await fails(client().get('/a'));
    assert.deepEqual([read.kind, asked.length], ['unreachable', 3]);
    asked = [];
    const search = await fails(client().search(['/a', '/a/**']));
    assert.deepEqual([search.kind, asked.length], ['unreachable', 3]);
    asked = [];
    answer = (request) => request.socket.destroy();
    const write = await fails(client().createContainer('/', { kind: 'folder', name: 'a' }));
    assert.deepEqual([write.kind, write.mayHaveActed, asked.length], ['unreachable', true, 1]);
    answer = text(201, '');
    const lost = await fails(client().createContainer('/', { kind: 'folder', name: 'a' }));
    assert.deepEqual([lost.kind, lost.mayHaveActed], ['protocol', true]);
  });

  it('comes through where the second try is answered', async () => {
    answer = (request, response) =>
      asked.length === 1 ? request.socket.destroy() : text(200, '[]')(request, response);
    assert.deepEqual((await client().children('/')).items, []);
    assert.equal(asked.length, 2);
  });

  it('does not read without end, nor wait without end', async () => {
    answer = (_request, response) => {
      response.writeHead(200);
      const more = (): void => void (response.write('[' + ' '.repeat(60_000)) && setImmediate(more));
      response.on('drain', more);
      more();
    };
    const large = await fails(client({ maxAnswerBytes: 1_000_000 }).children('/'));
    assert.match(large.message, /larger than this client reads/);
    answer = (_request, response) => response.writeHead(200).write('[');
    const slow = await fails(client({ timeoutMs: 500 }).children('/'));
    assert.match(slow.message, /no answer came in time/);
    const write = await fails(client({ timeoutMs: 500 }).remove({ kind: 'dataset', path: '/a' }));
    assert.equal(write.mayHaveActed, true);
  });

  it('ends when it is told to, and says who does not answer', async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const call = client().get('/a', { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await assert.rejects(call, { name: 'AbortError' });
    await assert.rejects(client().get('/a', { signal: AbortSignal.abort() }), { name: 'AbortError' });
    const closed = createDatacatClient(
      { url: 'http://127.0.0.1:9/r', authentication: { kind: 'none' } },
      { random: () => 0 },
    );
    const error = await fails(closed.createContainer('/', { kind: 'folder', name: 'a' }));
    assert.deepEqual([error.kind, error.mayHaveActed], ['unreachable', false]);
    assert.match(error.message, /nothing answers there \(ECONNREFUSED\)/);
  });

  it('tells a refusal of the proxy from one of the catalog, also where it opens no way to it', async () => {
    const through = (base: string, status: number): DatacatClient => {
      const proxy = (): string => new URL(url).origin;
      const made = createDatacatClient(
        { url: base, authentication: { kind: 'none' }, proxy },
        { random: () => 0, timeoutMs: 5_000 },
      );
      clients.push(made);
      answer = text(status, 'Proxy Authentication Required');
      server.removeAllListeners('connect').on('connect', (_request, socket: Socket) => {
        asked.push('CONNECT');
        socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      });
      return made;
    };
    for (const base of ['http://catalog.test/r', 'https://catalog.test/r']) {
      const { kind, message, advice, mayHaveActed } = await fails(
        through(base, 407).createContainer('/', { kind: 'folder', name: 'a' }),
      );
      assert.deepEqual([kind, mayHaveActed], ['unreachable', false]);
      assert.match(message, /the proxy wants a name and password/);
      assert.match(advice, /HTTPS_PROXY/);
    }
    const shut = await fails(through('https://catalog.test/r', 403).get('/a'));
    assert.equal(shut.kind, 'unreachable');
    assert.match(shut.message, /the proxy did not let the connection through/);
  });

  it('follows no redirection with its token', async () => {
    answer = text(302, '', { Location: 'http://127.0.0.1:9/elsewhere' });
    const error = await fails(client().get('/a'));
    assert.deepEqual([error.kind, asked.length], ['protocol', 1]);
    assert.match(error.message, /points to another address \(HTTP 302\)/);
  });

  it('sends nothing that cannot be meant', async () => {
    answer = text(200, '{}');
    await fails(client().get('desc'));
    await fails(client().get('/a/../b'));
    await fails(client().createContainer('/', { kind: 'folder', name: 'a/b' }));
    const location = { site: 'S', resource: 'x'.repeat(257) };
    const version = { locations: [location] };
    const long = await fails(
      client().createDataset('/', { name: 'a', dataType: 'T', fileFormat: 'txt', version }),
    );
    assert.match(long.message, /it has 257 characters; 1 to 256/);
    assert.throws(
      () => createDatacatClient({ url: 'ftp://x', authentication: { kind: 'none' } }),
      DatacatError,
    );
    assert.deepEqual(asked, []);
  });
});
