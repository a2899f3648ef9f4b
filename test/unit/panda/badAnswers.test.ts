import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { PandaError } from '../../../src/panda/index.ts';
import type { ClientDependencies, PandaClient } from '../../../src/panda/index.ts';
import { freePort } from '../../support/freePort.ts';
import { recordings } from '../transcripts/recordings.ts';
import { no, ok, plain, startFakeServer } from './fakeServer.ts';
import type { FakeServer } from './fakeServer.ts';

const TOKEN = 'secret-token-0123456789';

async function failureOf(call: Promise<unknown>): Promise<PandaError> {
  const error: unknown = await call.then(
    () => assert.fail('the call succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PandaError, inspect(error));
  assert.match(error.message, /^Could not [a-z].*[^.]\.$/);
  assert.match(error.advice, /^[A-Z].*[^.]$/);
  assert.ok(!/Traceback|File "|\.py\b/.test(error.message), error.message);
  assert.ok(!inspect(error, { depth: 20, showHidden: true }).includes(TOKEN));
  return error;
}

describe('answers that are not as promised', () => {
  let server: FakeServer;
  let client: PandaClient;
  const isAlive = (): Promise<PandaError> => failureOf(client.system.isAlive());
  const kill = (): Promise<PandaError> => failureOf(client.jobs.kill([1]));

  beforeEach(async () => {
    server = await startFakeServer();
    client = server.client();
  });
  afterEach(() => server.close());

  it('sends the two headers exactly, and who asks', async () => {
    server.answer = (_asked, response) => ok(response, [true]);
    await client.jobs.kill([1]);
    const headers = server.asked[0]?.headers;
    assert.equal(headers?.accept, 'application/json');
    assert.equal(headers?.['content-type'], 'application/json');
    assert.equal(headers?.authorization, `Bearer ${TOKEN}`);
    assert.equal(headers?.origin, 'lsst');
  });

  it('never lets a change ride on a kept connection, where a close would look like a lost answer', async () => {
    server.answer = (_asked, response) => ok(response, [true]);
    await client.system.isAlive();
    await client.jobs.kill([1]);
    await client.system.isAlive();
    assert.deepEqual(
      server.asked.map(({ headers }) => headers.connection),
      ['keep-alive', 'close', 'keep-alive'],
    );
  });

  it('a web page: says so, with its title', async () => {
    server.answer = (_asked, response) =>
      plain(response, 200, '<!DOCTYPE html><html><head><title>Log in</title></head></html>');
    const error = await isAlive();
    assert.equal(error.kind, 'protocol');
    assert.match(error.message, /a web page came back instead of data \(“Log in”\)/);
  });

  it('a Python literal, JSON of another shape, an empty answer, other text', async () => {
    const texts: readonly (readonly [string, RegExp])[] = [
      ["{'success': True, 'message': '', 'data': None}", /Python notation/],
      ['[1,2]', /not in the form of a PanDA answer/],
      ['{"success":"yes","data":null}', /not in the form of a PanDA answer/],
      ['', /an empty answer/],
      ['hello', /not PanDA's: hello/],
    ];
    for (const [text, said] of texts) {
      server.answer = (_asked, response) => plain(response, 200, text);
      const error = await isAlive();
      assert.equal(error.kind, 'protocol');
      assert.match(error.message, said);
    }
  });

  it('half an answer is asked for again when reading, never when changing', async () => {
    server.answer = (_asked, response) => plain(response, 200, '{"success": true, "mess');
    assert.match((await isAlive()).message, /only part of the answer came/);
    assert.equal(server.asked.length, 3);
    const error = await kill();
    assert.equal(server.asked.length, 4);
    assert.equal(error.mayHaveActed, true);
  });

  it('a connection cut in the middle of an answer', async () => {
    server.answer = (_asked, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"success": tr', () => response.destroy());
    };
    const reading = await isAlive();
    assert.equal(reading.kind, 'unreachable');
    assert.equal(reading.mayHaveActed, false);
    assert.equal(server.asked.length, 3);
    const changing = await kill();
    assert.equal(changing.mayHaveActed, true);
    assert.equal(server.asked.length, 4);
  });

  it('a read that succeeds at the second try is a success', async () => {
    server.answer = (_asked, response) =>
      server.asked.length === 1 ? void response.destroy() : ok(response, null);
    await client.system.isAlive();
    assert.equal(server.asked.length, 2);
  });

  it('a 500 with a traceback: no traceback, no server path, no second try', async () => {
    server.answer = (_asked, response) =>
      plain(
        response,
        500,
        'Traceback (most recent call last):\n  File "/opt/panda/x.py", line 3, in f\nKeyError',
      );
    const error = await isAlive();
    assert.equal(error.kind, 'protocol');
    assert.equal(error.status, 500);
    assert.equal(server.asked.length, 1);
    assert.equal((await kill()).mayHaveActed, true);
  });

  it('403, 404, 413, 414, 429, 502 and a redirect', async () => {
    const statuses: readonly (readonly [number, string, PandaError['kind'], RegExp])[] = [
      [403, 'ERROR : method x is forbidden', 'rejected', /does not offer this call/],
      [403, 'ERROR : Mallory Moe is banned', 'unauthorised', /Mallory Moe is banned/],
      [404, '<html><title>404 Not Found</title></html>', 'notFound', /404/],
      [413, '', 'rejected', /too long/],
      [414, '<html><title>414 Request-URI Too Long</title></html>', 'rejected', /too long/],
      [429, '', 'rejected', /too many requests/],
      [502, '<html><title>Bad Gateway</title></html>', 'unreachable', /gateway/],
      [302, '', 'protocol', /points to https:\/\/elsewhere.example/],
    ];
    for (const [status, text, kind, said] of statuses) {
      server.answer = (_asked, response) => {
        response.writeHead(status, { Location: 'https://elsewhere.example/login' }).end(text);
      };
      const error = await kill();
      assert.equal(error.kind, kind, error.message);
      assert.match(error.message, said);
      assert.equal(error.mayHaveActed, status === 502, String(status));
    }
  });

  it('every recorded refusal of a token is unauthorised, in the words of the server', async () => {
    const refusals = recordings().filter(
      ({ file, response }) => file === 'auth.json' && response.status === 403,
    );
    assert.equal(refusals.length, 14);
    for (const { response: recorded } of refusals) {
      server.answer = (_asked, response) => plain(response, 403, String(recorded.body));
      const error = await isAlive();
      assert.equal(error.kind, 'unauthorised');
      assert.match(error.message, /Token authentication failed\. \S/);
    }
  });

  it('a refusal names its reason and what to do', async () => {
    server.answer = (_asked, response) => no(response, 'SSL secure connection is required');
    const unknown = await kill();
    assert.equal(unknown.kind, 'unauthorised');
    assert.match(unknown.message, /does not know who asks/);
    server.answer = (_asked, response) =>
      no(response, "Argument error: missing a required argument: 'job_ids'");
    assert.equal((await kill()).kind, 'rejected');
  });

  it('a server that never answers is waited for as long as said, once; a change may have acted', async () => {
    server.answer = () => undefined;
    client = server.client({}, { timeoutsMs: { quick: 400, ordinary: 400, upload: 400 } });
    const reading = await isAlive();
    assert.match(reading.message, /no answer came in time/);
    assert.equal(reading.mayHaveActed, false);
    const changing = await kill();
    assert.equal(changing.mayHaveActed, true);
    assert.equal(server.asked.length, 2);
  });

  it('an answer larger than is read is cut off', async () => {
    client = server.client({}, { maxAnswerBytes: 1000 });
    server.answer = (_asked, response) => ok(response, 'x'.repeat(100_000));
    const error = await isAlive();
    assert.equal(error.kind, 'protocol');
    assert.match(error.message, /larger than this client reads/);
    assert.equal(server.asked.length, 1);
  });

  it('nobody there: nothing was sent, tried again three times', async () => {
    const free = await freePort();
    let waits = 0;
    const deps: ClientDependencies = { delay: async () => void waits++ };
    client = server.client({ server: `http://127.0.0.1:${free}` }, deps);
    const error = await kill();
    assert.equal(error.kind, 'unreachable');
    assert.equal(error.mayHaveActed, false);
    assert.match(error.message, /nothing answers there \(ECONNREFUSED\)/);
    assert.equal(waits, 2);
  });

  it('a host that does not exist', async () => {
    client = server.client({ server: 'http://panda.invalid' });
    const error = await isAlive();
    assert.equal(error.kind, 'unreachable');
    assert.equal(error.mayHaveActed, false);
  });

  it('an address that is none is said at once', () => {
    assert.throws(
      () => server.client({ server: 'panda' }),
      /Could not use the profile test: the address of its server/,
    );
    assert.throws(() => server.client({ monitor: 'file:///etc' }), PandaError);
  });

  it('no token, a broken token, a token that cannot be read: nothing is sent', async () => {
    for (const token of [
      async () => '',
      async () => 'two\nlines',
      async () => Promise.reject(new Error('keychain locked')),
    ]) {
      client = server.client({ authentication: { kind: 'token', token, origin: 'lsst' } });
      assert.equal((await isAlive()).kind, 'unauthorised');
    }
    assert.equal(server.asked.length, 0);
  });

  it('an abort rejects with its own reason, before and during a call', async () => {
    const stop = new AbortController();
    server.answer = () => stop.abort();
    await assert.rejects(client.system.isAlive({ signal: stop.signal }), { name: 'AbortError' });
    await assert.rejects(client.system.isAlive({ signal: stop.signal }), { name: 'AbortError' });
    assert.equal(server.asked.length, 1);
  });
});

describe('secrets', () => {
  let server: FakeServer;
  beforeEach(async () => {
    server = await startFakeServer();
  });
  afterEach(() => server.close());

  it('are in no error, no text and no inspection of client or profile', async () => {
    server.answer = (asked, response) =>
      plain(response, 500, `cannot decode ${asked.headers.authorization} in ${TOKEN}`);
    const client = server.client();
    const error = await failureOf(client.system.isAlive());
    assert.match(error.message, /cannot decode/);
    for (const thing of [error, client, server.profile()]) {
      assert.ok(!inspect(thing, { depth: 20, showHidden: true }).includes(TOKEN));
      assert.ok(!(JSON.stringify(thing) ?? '').includes(TOKEN));
    }
    assert.ok(!`${error.stack} ${error.toString()}`.includes(TOKEN));
  });

  it('are taken out of the attributes that the server echoes', async () => {
    server.answer = (asked, response) =>
      ok(response, { environment: { HTTP_AUTHORIZATION: asked.headers.authorization } });
    assert.deepEqual(await server.client().system.getAttributes(), {
      environment: { HTTP_AUTHORIZATION: 'Bearer …' },
    });
  });
});
