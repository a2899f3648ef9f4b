import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PandaError } from '../../../../src/panda/index.ts';
import type { DeviceCode } from '../../../../src/panda/index.ts';
import { HOUR, startFakeProvider } from './fakeProvider.ts';
import type { FakeProvider } from './fakeProvider.ts';

describe('signing in with a code', () => {
  let provider: FakeProvider;
  beforeEach(async () => {
    provider = await startFakeProvider();
  });
  afterEach(() => provider.close());

  /** Signs in, with a clock that only waiting moves; gives the code that was shown, and the waits in seconds. */
  const run = async (): Promise<{ readonly code: DeviceCode; readonly waits: readonly number[] }> => {
    let time = Date.now();
    const waits: number[] = [];
    const codes: DeviceCode[] = [];
    const signIn = provider.signIn({
      now: () => time,
      delay: async (ms) => {
        waits.push(ms / 1000);
        time += ms;
      },
    });
    await signIn.signIn({ onCode: (code) => void codes.push(code) });
    assert.equal(codes.length, 1);
    return { code: codes[0]!, waits };
  };

  const failure = async (): Promise<PandaError> => {
    const error: unknown = await run().catch((reason: unknown) => reason);
    assert.ok(error instanceof PandaError, String(error));
    assert.doesNotMatch(JSON.stringify(error) + error.message, /device-secret/);
    return error;
  };

  it('shows code and link, waits as it is told, and keeps the answer as the official client does', async () => {
    provider.polls = ['authorization_pending', 'slow_down', 'authorization_pending'];
    const { code, waits } = await run();
    assert.equal(code.userCode, 'ABCD-EFGH');
    assert.equal(code.link, `${provider.server.url}/go`);
    assert.equal(code.completeLink, `${provider.server.url}/go?code=ABCD-EFGH`);
    assert.ok(Math.abs(code.expiresAt - Date.now() - 600_000) < 60_000);
    assert.deepEqual(waits, [5, 5, 10, 10]);
    const { id_token, ...others } = await provider.stored();
    assert.match(String(id_token), /^e30|^eyJ/);
    assert.deepEqual(Object.keys(others).sort(), [
      'access_token',
      'expires_in',
      'refresh_token',
      'scope',
      'token_type',
    ]);
    const { mode } = await stat(join(provider.folder, '.token'));
    assert.equal(mode & 0o777, 0o600);
  });

  it('asks for what the VO wants', async () => {
    provider.config = { jwt_profile: 'wlcg', client_secret: 'known to all' };
    provider.device = { interval: 1 };
    const { waits } = await run();
    assert.deepEqual(waits, [1]);
    const forms = provider.server.asked
      .filter(({ path }) => path === '/device' || path === '/token')
      .map(({ text }) => Object.fromEntries(new URLSearchParams(text)));
    assert.deepEqual(forms, [
      {
        audience: 'https://pandaserver',
        client_id: 'client',
        client_secret: 'known to all',
        scope: 'openid profile email offline_access wlcg wlcg.groups',
      },
      {
        client_id: 'client',
        client_secret: 'known to all',
        device_code: 'device-secret',
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      },
    ]);
  });

  it('with a role asks for the configuration of the role', async () => {
    const { profile } = provider;
    const role = { kind: 'oidc', origin: 'Rubin:production', configRoot: provider.folder } as const;
    Object.assign(profile, { authentication: role });
    await run();
    assert.equal(provider.server.asked[0]?.path, '/auth/Rubin.production_auth_config.json');
  });

  it('survives a network that is gone for a moment', async () => {
    provider.polls = ['authorization_pending', { destroy: true }, { destroy: true }];
    assert.deepEqual((await run()).waits, [5, 5, 10, 20]);
  });

  it('ends when it is denied, runs out, or is refused', async () => {
    provider.polls = ['authorization_pending', 'access_denied'];
    assert.match((await failure()).message, /it was denied/);
    provider.polls = ['expired_token'];
    assert.match((await failure()).message, /the code ran out/);
    provider.polls = Array.from({ length: 500 }, () => 'authorization_pending');
    assert.match((await failure()).message, /the code ran out/);
    assert.equal(provider.count('device_code'), 2 + 1 + 120);
    provider.polls = ['invalid_client'];
    assert.match((await failure()).message, /it refused \(invalid_client\)/);
    await assert.rejects(provider.stored(), { code: 'ENOENT' });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const signIn = provider.signIn({
      delay: async (_ms, signal) => {
        stop.abort();
        signal?.throwIfAborted();
      },
    });
    await assert.rejects(signIn.signIn({ onCode: () => undefined, signal: stop.signal }), {
      name: 'AbortError',
    });
    assert.equal(provider.count('device_code'), 0);
  });

  it('believes the clock of the provider where this machine is wrong', async () => {
    for (const offset of [-3 * HOUR, 3 * HOUR]) {
      provider.now = () => Date.now() + offset;
      provider.life = HOUR;
      const signIn = provider.signIn();
      const status = await signIn.signIn({ onCode: () => undefined });
      assert.equal(status.state, 'signedIn');
      assert.equal(await signIn.token(), (await provider.stored()).id_token);
      assert.equal(provider.count('refresh_token'), 0);
    }
  });

  const strange: readonly (readonly [string, (fake: FakeProvider) => void, RegExp])[] = [
    [
      'a VO that is not there',
      ({ profile }) => void Object.assign(profile.authentication, { origin: 'Nobody' }),
      /learn from .* how to sign in for Nobody: there is nothing at this address/,
    ],
    ['no client', (fake) => (fake.config = { client_id: 7 }), /names no client_id/],
    [
      'an open address',
      (fake) => (fake.config = { oidc_config_url: 'http://idp.test/' }),
      /names no https address/,
    ],
    [
      'an open token endpoint',
      (fake) => (fake.discovery = { token_endpoint: 'http://idp.test/' }),
      /not that of an identity provider/,
    ],
    [
      'no sign-in with codes',
      (fake) => (fake.discovery = { device_authorization_endpoint: undefined }),
      /offers no sign-in with a code/,
    ],
    [
      'a link that is none',
      (fake) => (fake.device = { verification_uri: 'javascript:alert(1)' }),
      /no https address to go to/,
    ],
    [
      'half an answer',
      (fake) => (fake.device = { device_code: undefined }),
      /did not answer as OpenID Connect wants it/,
    ],
    [
      'tokens without an id token',
      (fake) => (fake.change = (answer) => ({ ...answer, id_token: undefined })),
      /gave no id token/,
    ],
    [
      'a token of another provider',
      (fake) => (fake.change = (answer) => ({ ...answer, ...fake.tokens({ iss: 'https://other.test' }) })),
      /did not answer as OpenID Connect wants it/,
    ],
    [
      'a token for another program',
      (fake) => (fake.change = (answer) => ({ ...answer, ...fake.tokens({ aud: 'x' }) })),
      /did not answer as OpenID Connect wants it/,
    ],
  ];
  for (const [what, prepare, text] of strange) {
    it(`refuses ${what}`, async () => {
      prepare(provider);
      assert.match((await failure()).message, text);
      await assert.rejects(provider.stored(), { code: 'ENOENT' });
    });
  }
});
