import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { PandaError } from '../../../src/panda/index.ts';
import type { PandaClient } from '../../../src/panda/index.ts';
import { no, ok, plain, startFakeServer } from './fakeServer.ts';
import type { FakeServer } from './fakeServer.ts';

const URL_OF_SECRET =
  'https://s3.example.org/bucket/manifests?X-Amz-Expires=600&X-Amz-Signature=0123456789abcdef';

describe('the secrets of a user', () => {
  let server: FakeServer;
  let client: PandaClient;

  beforeEach(async () => {
    server = await startFakeServer();
    client = server.client();
  });
  afterEach(() => server.close());

  const failureOf = async (call: Promise<unknown>): Promise<PandaError> => {
    const error: unknown = await call.then(
      () => assert.fail('the call succeeded'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof PandaError, inspect(error));
    assert.match(error.message, /^Could not [a-z].*[^.]\.$/);
    return error;
  };

  const bodies = (): unknown[] => server.asked.map(({ text }) => JSON.parse(text) as unknown);

  it('are set and removed one at a time, however many are asked for at once', async () => {
    let open = 0;
    server.answer = async (_asked, response) => {
      open += 1;
      assert.equal(open, 1);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      if (server.asked.length === 2) no(response, 'database error');
      else ok(response, null, 'OK');
    };
    const results = await Promise.allSettled([
      client.creds.setUserSecret('A', 'one'),
      client.creds.setUserSecret('B', 'two'),
      client.creds.setUserSecret('A', null),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(bodies(), [
      { key: 'A', value: 'one' },
      { key: 'B', value: 'two' },
      { key: 'A', value: null },
    ]);
  });

  it('are not sent under a name that the server or a job may misread, nor endless', async () => {
    const set = client.creds.setUserSecret.bind(client.creds);
    for (const key of ['', 'a-b', 'a,b', 'a"b', 'é', 'k'.repeat(101)]) {
      assert.equal((await failureOf(set(key, 'value'))).kind, 'rejected');
      assert.equal((await failureOf(client.creds.getUserSecrets([key]))).kind, 'rejected');
    }
    assert.match((await failureOf(set('K', 'x'.repeat(16_385)))).message, /longer than 16384 characters/);
    assert.deepEqual(await client.creds.getUserSecrets([]), {});
    assert.equal(server.asked.length, 0);
    await set('k'.repeat(100), 'x'.repeat(16_384));
  });

  it('are got all, or those that were asked for', async () => {
    server.answer = (_asked, response) =>
      ok(response, JSON.stringify({ A: 'one', B: URL_OF_SECRET, 'of-others': '', __proto: 'x' }));
    assert.deepEqual(await client.creds.getUserSecrets(), {
      A: 'one',
      B: URL_OF_SECRET,
      'of-others': '',
      __proto: 'x',
    });
    assert.deepEqual(await client.creds.getUserSecrets(['B', 'C']), { B: URL_OF_SECRET });
    const many = Array.from({ length: 500 }, (_, index) => `key_${index}_${'x'.repeat(80)}`);
    assert.deepEqual(await client.creds.getUserSecrets([...many, 'A']), { A: 'one' });
    assert.deepEqual(
      server.asked.map(({ query }) => query.getAll('keys')),
      [[], ['B', 'C'], []],
    );
  });

  it('that are no texts are not taken for some', async () => {
    for (const data of [null, {}, [], 'nonsense', '[]', '"A"', '{"A": 1}', '{"A": {"B": "x"}}']) {
      server.answer = (_asked, response) => ok(response, data);
      const error = await failureOf(client.creds.getUserSecrets());
      assert.equal(error.kind, 'protocol');
      assert.match(error.message, /not a list of secrets as texts/);
    }
  });

  it('stand in no error, whatever comes back', async () => {
    const value = URL_OF_SECRET;
    const long = `${URL_OF_SECRET}&padding=${'x'.repeat(5000)}`;
    for (const secret of [value, long]) {
      const texts = [`could not store ${secret}`, `<title>${secret}</title>`, `${secret} is no JSON`];
      for (const text of texts) {
        server.answer = (_asked, response) => plain(response, 500, text);
        await hidden(client.creds.setUserSecret('K', secret));
        server.answer = (_asked, response) => plain(response, 200, text);
        await hidden(client.creds.setUserSecret('K', secret));
        server.answer = (_asked, response) => no(response, text);
        await hidden(client.creds.setUserSecret('K', secret));
      }
      server.answer = (_asked, response) => plain(response, 200, `oops {"K": "${secret}"}`);
      await hidden(client.creds.getUserSecrets());
      server.answer = (_asked, response) => ok(response, `{"K": "${secret}`);
      await hidden(client.creds.getUserSecrets());
    }
    assert.ok(!inspect(client, { depth: 20, showHidden: true }).includes('X-Amz'));
  });

  const hidden = async (call: Promise<unknown>): Promise<void> => {
    const error = await failureOf(call);
    assert.doesNotMatch(
      `${inspect(error, { depth: 20, showHidden: true })} ${error.stack}`,
      /s3\.example|X-Amz/,
    );
  };

  it('a refusal says what the server said, and that a lost answer may have acted', async () => {
    server.answer = (_asked, response) => no(response, 'database error');
    const refused = await failureOf(client.creds.setUserSecret('K', 'value'));
    assert.match(refused.message, /set the secret “K” at .*: database error\.$/);
    server.answer = (_asked, response) => void response.destroy();
    const lost = await failureOf(client.creds.setUserSecret('K', null));
    assert.match(lost.message, /remove the secret “K”/);
    assert.equal(lost.mayHaveActed, true);
  });

  it('a call that is aborted while it waits for its turn is not made', async () => {
    const stop = new AbortController();
    server.answer = (_asked, response) => {
      stop.abort();
      ok(response, null);
    };
    const first = client.creds.setUserSecret('A', 'one');
    await assert.rejects(client.creds.setUserSecret('B', 'two', { signal: stop.signal }), {
      name: 'AbortError',
    });
    await first;
    assert.equal(server.asked.length, 1);
  });
});
