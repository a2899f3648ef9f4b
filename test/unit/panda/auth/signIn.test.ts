import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createPandaClient, PandaError } from '../../../../src/panda/index.ts';
import type { TokenSet, AccountStore } from '../../../../src/panda/index.ts';
import { ok, plain } from '../fakeServer.ts';
import { HOUR, makeToken, startFakeProvider } from './fakeProvider.ts';
import type { FakeProvider } from './fakeProvider.ts';

describe('a sign-in', () => {
  let provider: FakeProvider;
  beforeEach(async () => {
    provider = await startFakeProvider();
  });
  afterEach(() => provider.close());

  /** Tokens that end in so many ms. */
  const tokensFor = (ms: number): Record<string, unknown> =>
    provider.tokens({
      exp: Math.floor((Date.now() + ms) / 1000),
      iat: Math.floor(Date.now() / 1000) - 86_400,
    });

  const failure = async (promise: Promise<unknown>): Promise<PandaError> => {
    const error: unknown = await promise.catch((reason: unknown) => reason);
    assert.ok(error instanceof PandaError, String(error));
    assert.doesNotMatch(error.message, /refresh-\d|eyJ/);
    return error;
  };

  it('of the official client is used as it is', async () => {
    const tokens = tokensFor(HOUR);
    await provider.store(tokens);
    assert.equal(await provider.signIn().token(), tokens.id_token);
    assert.equal(provider.server.asked.length, 0);
    const { state, user, end, claims } = await provider.signIn().status();
    assert.deepEqual([state, user, claims?.groups], ['signedIn', 'Jane Doe', ['Rubin']]);
    assert.equal(end?.certain, false);
  });

  it('that nobody made says so, without asking anybody', async () => {
    const error = await failure(provider.signIn().token());
    assert.deepEqual([error.kind, error.needsSignIn], ['unauthorised', true]);
    assert.match(error.message, /use the sign-in for Rubin at http:.*: nobody is signed in\.$/);
    assert.equal((await provider.signIn().status()).state, 'signedOut');
    await writeFile(join(provider.folder, '.token'), '{"id_token": "ey');
    assert.equal((await provider.signIn().status()).state, 'signedOut');
    assert.equal(await provider.signIn().renewed('x'), undefined);
    assert.equal(provider.server.asked.length, 0);
  });

  it('is renewed some minutes before it ends, once for all who ask', async () => {
    await provider.store(tokensFor(4 * 60_000));
    const signIn = provider.signIn();
    const tokens = await Promise.all([signIn.token(), signIn.token(), signIn.token()]);
    assert.equal(new Set(tokens).size, 1);
    assert.equal(provider.count('refresh_token'), 1);
    assert.equal((await provider.stored()).id_token, tokens[0]);
    assert.deepEqual(await readdir(provider.folder), ['.token']);
  });

  it('is renewed once for several windows', async () => {
    await provider.store(tokensFor(-HOUR));
    const real = { delay: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
    const windows = [provider.signIn(real), provider.signIn(real), provider.signIn(real)];
    const tokens = await Promise.all(windows.map((window) => window.token()));
    assert.equal(new Set(tokens).size, 1);
    assert.equal(provider.count('refresh_token'), 1);
  });

  it('is renewed once for several programs', async () => {
    await provider.store(tokensFor(-HOUR));
    const child = join(import.meta.dirname, 'tokenChild.ts');
    const program = async (): Promise<string> =>
      (await promisify(execFile)(process.execPath, [child, JSON.stringify(provider.profile)])).stdout;
    const tokens = await Promise.all([program(), program(), program()]);
    assert.equal(new Set(tokens).size, 1);
    assert.equal(tokens[0], (await provider.stored()).id_token);
    assert.equal(provider.count('refresh_token'), 1);
  });

  it('whose provider does not answer is used while it is good', async () => {
    provider.discovery = { token_endpoint: 'http://127.0.0.1:9/token' };
    const tokens = tokensFor(4 * 60_000);
    await provider.store(tokens);
    assert.equal(await provider.signIn().token(), tokens.id_token);
    await provider.store(tokensFor(-1000));
    const error = await failure(provider.signIn().token());
    assert.deepEqual([error.kind, error.needsSignIn], ['unreachable', false]);
    assert.match(error.message, /renew the sign-in at .*: nothing answers there/);
  });

  it('that cannot be renewed asks the provider once, and then the user', async () => {
    await provider.store(tokensFor(-HOUR));
    provider.accepted = [];
    const signIn = provider.signIn();
    for (let turn = 0; turn < 3; turn++) {
      const error = await failure(signIn.token());
      assert.equal(error.needsSignIn, true);
      assert.match(error.message, /the sign-in has ended/);
    }
    assert.equal(provider.count('refresh_token'), 1);
    assert.equal((await signIn.status()).state, 'ended');
    // A sign-in elsewhere counts at once.
    const tokens = tokensFor(HOUR);
    await provider.store(tokens);
    assert.equal(await signIn.token(), tokens.id_token);
  });

  it('that the official client renewed at the same moment is taken from it', async () => {
    const others = tokensFor(HOUR);
    const ours = tokensFor(-HOUR);
    await provider.store(ours);
    provider.accepted = [];
    const { answer } = provider.server;
    provider.server.answer = async (asked, response) => {
      if (asked.path === '/token') await provider.store(others);
      await answer(asked, response);
    };
    assert.equal(await provider.signIn().token(), others.id_token);
  });

  it('keeps a refresh token that the provider does not send again', async () => {
    provider.rotates = false;
    provider.change = (answer) => ({ ...answer, refresh_token: undefined });
    await provider.store(tokensFor(-HOUR));
    await provider.signIn().token();
    assert.equal((await provider.stored()).refresh_token, 'refresh');
  });

  it('is left as it is by an answer that cannot be used', async () => {
    const before = tokensFor(-HOUR);
    await provider.store(before);
    provider.change = (answer) => ({ ...answer, id_token: undefined });
    assert.match((await failure(provider.signIn().token())).message, /gave no id token/);
    provider.accepted = [String(before.refresh_token)];
    provider.change = (answer) => ({ ...answer, ...provider.tokens({ sub: 'somebody else' }) });
    assert.match((await failure(provider.signIn().token())).message, /the token of somebody else/);
    assert.deepEqual(await provider.stored(), before);
  });

  it('of another provider is neither used up nor overwritten', async () => {
    const others = provider.tokens({ iss: 'https://other.test/', exp: Math.floor(Date.now() / 1000) - 60 });
    await provider.store(others);
    for (const error of [
      await failure(provider.signIn().token()),
      await failure(provider.signIn().signIn({ onCode: () => assert.fail('a code is shown') })),
    ]) {
      assert.match(error.message, /holds one of another identity provider, https:\/\/other\.test\.$/);
    }
    assert.equal(provider.count('refresh_token'), 0);
    assert.deepEqual(await provider.stored(), others);
    await provider.store({ id_token: makeToken({ iss: 'https://other.test', exp: 1000 }) });
    await provider.signIn().signIn({ onCode: () => undefined });
  });

  it('is used even where it could not be stored', async () => {
    let stored = tokensFor(-HOUR) as TokenSet;
    let full = true;
    const put: AccountStore['add'] = async (change) => {
      const tokens = await change(stored);
      if (full) throw new Error('ENOSPC');
      stored = tokens ?? stored;
    };
    const read = (): Promise<TokenSet> => Promise.resolve(stored);
    const store: AccountStore = {
      where: 'a full disk',
      list: () => Promise.resolve([]),
      add: put,
      use: () => Promise.resolve(false),
      remove: () => Promise.resolve(false),
      read,
      of: () => ({ read, update: put }),
      clear: () => Promise.resolve(true),
    };
    const signIn = provider.signIn({ store });
    const token = await signIn.token();
    assert.equal(await signIn.token(), token);
    assert.equal(provider.count('refresh_token'), 1);
    full = false;
    await signIn.refresh();
    assert.equal(stored.id_token, await signIn.token());
    assert.notEqual(stored.id_token, token);
  });

  it('is not spent where there is no room for another', async () => {
    await provider.store(tokensFor(-HOUR));
    const notAFolder = join(provider.folder, '.token');
    Object.assign(provider.profile.authentication, { configRoot: notAFolder });
    const error = await failure(provider.signIn().signIn({ onCode: () => undefined }));
    assert.match(error.message, /(?:read|write) the sign-in: .*cannot be used \(ENOTDIR|EEXIST\)/);
    assert.equal(provider.count('refresh_token'), 0);
  });

  it('is renewed on demand, or only where little of it is left', async () => {
    await provider.store(tokensFor(3 * HOUR));
    const signIn = provider.signIn();
    assert.equal(await signIn.refresh({ within: 2 * HOUR }), false);
    assert.equal(await signIn.refresh({ within: 4 * HOUR }), true);
    assert.equal(await signIn.refresh(), true);
    assert.equal(provider.count('refresh_token'), 2);
  });

  it('ends here and at the provider', async () => {
    await provider.store(tokensFor(HOUR));
    const signIn = provider.signIn();
    assert.equal(await signIn.signOut(), true);
    assert.equal(await signIn.signOut(), false);
    assert.equal((await signIn.status()).state, 'signedOut');
    const [revoked] = provider.server.asked.filter(({ path }) => path === '/revoke');
    assert.match(revoked?.text ?? '', /token=refresh-1/);
  });

  it('says when it cannot be renewed any more, as far as that is known', async () => {
    const now = Math.floor(Date.now() / 1000);
    const endOf = async (tokens: Readonly<Record<string, unknown>>) => {
      await provider.store(tokens);
      const { end } = await provider.signIn().status();
      const days = (time: number | undefined): number => Math.round(((time ?? 0) / 1000 - now) / 86_400);
      return end === undefined ? undefined : [days(end.at), end.certain, days(end.warnFrom)];
    };
    const refresh = (claims: Readonly<Record<string, unknown>>) => ({
      ...provider.tokens(),
      refresh_token: makeToken(claims),
    });
    const day = 86_400;
    assert.deepEqual(await endOf(refresh({ iat: now, exp: now + 20 * day })), [20, true, 16]);
    assert.deepEqual(await endOf(refresh({ jti: 'x' })), [30, false, 26]);
    assert.deepEqual(await endOf(provider.tokens({ auth_time: now - 27 * day })), [3, false, -1]);
    const { id_token } = provider.tokens({ exp: now + 7 * day, auth_time: undefined });
    assert.deepEqual(await endOf({ id_token }), [7, true, 6]);
    assert.deepEqual(await endOf({ id_token: 'opaque' }), undefined);
  });

  it('lets a call go that does not wait, and goes on for the others', async () => {
    await provider.store(tokensFor(-HOUR));
    const { answer } = provider.server;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    provider.server.answer = async (asked, response) => {
      if (asked.path === '/token') await released;
      await answer(asked, response);
    };
    const signIn = provider.signIn();
    const stop = new AbortController();
    const leaving = signIn.token(stop.signal);
    const staying = signIn.token();
    stop.abort();
    await assert.rejects(leaving, { name: 'AbortError' });
    release();
    assert.equal(await staying, (await provider.stored()).id_token);
  });

  it('is what a client proves itself with, renewed when the server finds it out of date', async () => {
    const tokens = tokensFor(HOUR);
    await provider.store(tokens);
    const { answer } = provider.server;
    provider.server.answer = async (asked, response) => {
      if (!asked.path.startsWith('/api/')) await answer(asked, response);
      else if (asked.headers.authorization !== `Bearer ${String(tokens.id_token)}`) ok(response, []);
      else plain(response, 403, 'ERROR : Token authentication failed. Invalid token. Signature has expired');
    };
    const client = createPandaClient(provider.profile);
    await Promise.all([client.metaconfig.getResourceTypes(), client.metaconfig.getResourceTypes()]);
    client.dispose();
    assert.equal(provider.count('refresh_token'), 1);
    assert.equal(provider.server.asked.at(-1)?.headers.origin, 'Rubin');
  });

  it('that is refused though it is new is not renewed again and again', async () => {
    const tokens = provider.tokens();
    await provider.store(tokens);
    const { answer } = provider.server;
    provider.server.answer = (asked, response) =>
      asked.path.startsWith('/api/')
        ? plain(response, 403, 'ERROR : Token authentication failed. JWK not found for kid=k1')
        : answer(asked, response);
    const client = createPandaClient(provider.profile);
    for (let turn = 0; turn < 3; turn++) {
      const error = await failure(client.metaconfig.getResourceTypes());
      assert.equal(error.needsSignIn, true);
      assert.match(error.message, /JWK not found/);
    }
    client.dispose();
    assert.equal(provider.count('refresh_token'), 1);
  });
});
