import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createPandaClient, PandaError } from '../../../../src/panda/index.ts';
import { ok, plain } from '../fakeServer.ts';
import { HOUR, startFakeProvider } from './fakeProvider.ts';
import type { FakeProvider } from './fakeProvider.ts';

describe('a sign-in in trouble', () => {
  let provider: FakeProvider;
  beforeEach(async () => {
    provider = await startFakeProvider();
  });
  afterEach(() => provider.close());

  const tokensFor = (ms: number): Record<string, unknown> =>
    provider.tokens({
      exp: Math.floor((Date.now() + ms) / 1000),
      iat: Math.floor(Date.now() / 1000) - 86_400,
    });
  const file = (): string => join(provider.folder, '.token');
  const failure = async (promise: Promise<unknown>): Promise<PandaError> => {
    const error: unknown = await promise.catch((reason: unknown) => reason);
    assert.ok(error instanceof PandaError, String(error));
    assert.doesNotMatch(error.message, /refresh-\d|eyJ/);
    return error;
  };

  it('of which another program has written half is none until it is whole', async () => {
    const tokens = tokensFor(HOUR);
    const text = JSON.stringify(tokens);
    const signIn = provider.signIn();
    for (const length of [0, 1, 20, text.length / 2, text.length - 1]) {
      await writeFile(file(), text.slice(0, length));
      assert.equal((await failure(signIn.token())).cameBack, 'nobody is signed in');
      assert.equal(await signIn.renewed(String(tokens.id_token)), undefined);
      assert.equal(await readFile(file(), 'utf8'), text.slice(0, length), 'it is left alone');
    }
    await writeFile(file(), text);
    assert.equal(await signIn.token(), tokens.id_token);
  });

  it('with something else in the place of its file is none, and is not waited for', async () => {
    execFileSync('mkfifo', [file()]);
    assert.equal((await provider.signIn().status()).state, 'signedOut');
  });

  it('is not spent where a disk has no room for another', async () => {
    const before = tokensFor(-HOUR);
    await provider.store(before);
    const child = join(import.meta.dirname, 'tokenChild.ts');
    const limited = 'trap "" XFSZ; ulimit -f 8; exec "$@"';
    const args = ['-c', limited, 'sh', process.execPath, child, JSON.stringify(provider.profile)];
    await assert.rejects(promisify(execFile)('sh', args), /cannot be used \(no file may be so large\)/);
    assert.equal(provider.count('refresh_token'), 0);
    assert.deepEqual(await provider.stored(), before);
    assert.deepEqual(await readdir(provider.folder), ['.token']);
    await provider.signIn().token();
    assert.equal(provider.count('refresh_token'), 1);
  });

  it('whose renewal was not answered is used while it is good, and tried again', async () => {
    provider.rotates = false;
    const tokens = tokensFor(4 * 60_000);
    await provider.store(tokens);
    const { answer } = provider.server;
    let lost = 1;
    provider.server.answer = async (asked, response) => {
      if (asked.path === '/token' && lost-- > 0) response.destroy();
      else await answer(asked, response);
    };
    const signIn = provider.signIn();
    assert.equal(await signIn.token(), tokens.id_token);
    assert.equal(await signIn.token(), (await provider.stored()).id_token);
    assert.notEqual((await provider.stored()).id_token, tokens.id_token);
    assert.equal(provider.count('refresh_token'), 2);
  });

  it('whose answer with a new refresh token was lost ends with it, told once it is over', async () => {
    const tokens = tokensFor(4 * 60_000);
    await provider.store(tokens);
    const { answer } = provider.server;
    let lost = 1;
    provider.server.answer = async (asked, response) => {
      if (asked.path !== '/token' || lost-- <= 0) return answer(asked, response);
      // The provider has spent the old one, and nobody hears of the new one.
      provider.accepted = ['refresh-lost'];
      response.destroy();
    };
    let late = 0;
    const signIn = provider.signIn({ now: () => Date.now() + late });
    for (let turn = 0; turn < 3; turn++) assert.equal(await signIn.token(), tokens.id_token);
    assert.equal(provider.count('refresh_token'), 2, 'it is asked no more');
    late = HOUR;
    assert.deepEqual((await failure(signIn.token())).needsSignIn, true);
    assert.equal((await signIn.status()).state, 'ended');
  });

  it('is not quoted by what a provider says of it', async () => {
    await provider.store(tokensFor(-HOUR));
    const { answer } = provider.server;
    provider.server.answer = (asked, response) => {
      if (asked.path !== '/token') return answer(asked, response);
      response.writeHead(400, { 'Content-Type': 'application/json' });
      const words = `bad token ${new URLSearchParams(asked.text).get('refresh_token')}`;
      response.end(JSON.stringify({ error: 'invalid_request', error_description: words }));
    };
    assert.match((await failure(provider.signIn().token())).message, /invalid_request: bad token …/);
  });

  for (const [way, jump] of [
    ['forward', 48 * HOUR],
    ['back', -48 * HOUR],
  ] as const) {
    it(`is renewed once where the clock of this machine jumps ${way}`, async () => {
      await provider.store(tokensFor(HOUR / 2));
      let offset = 0;
      const signIn = provider.signIn({ now: () => Date.now() + offset });
      const first = await signIn.token();
      offset = jump;
      // The server goes by the right time.
      const { answer } = provider.server;
      let isOver = false;
      provider.server.answer = async (asked, response) => {
        if (!asked.path.startsWith('/api/')) return answer(asked, response);
        if (isOver && asked.headers.authorization === `Bearer ${first}`) {
          return plain(response, 403, 'ERROR : Token authentication failed. Signature has expired');
        }
        return ok(response, []);
      };
      const client = createPandaClient(provider.profile, { tokens: signIn });
      await client.metaconfig.getResourceTypes();
      isOver = true;
      for (let turn = 0; turn < 3; turn++) await client.metaconfig.getResourceTypes();
      client.dispose();
      assert.equal(provider.count('refresh_token'), 1);
      assert.equal((await signIn.status()).state, 'signedIn');
    });
  }
});
