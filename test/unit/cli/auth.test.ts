import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { startFakeProvider } from '../panda/auth/fakeProvider.ts';
import type { FakeProvider } from '../panda/auth/fakeProvider.ts';
import { useCli } from './useCli.ts';

const DAY = 86_400;

describe('desc-panda auth', () => {
  const { harness, call, json, writeProfiles } = useCli();
  let provider: FakeProvider;
  beforeEach(async () => {
    provider = await startFakeProvider();
    const { url } = provider.server;
    const authentication = { kind: 'oidc', configRoot: provider.folder };
    const certFile = resolve(import.meta.dirname, '../../fixtures/tls/proxy.pem');
    await writeProfiles(
      JSON.stringify({
        default: 'rubin',
        profiles: {
          rubin: { server: url, vo: 'Rubin', authentication },
          grid: { server: url, vo: 'atlas', authentication: { kind: 'certificate', certFile } },
          ready: { server: url, vo: 'x', authentication: { kind: 'token', tokenVariable: 'MY_TOKEN' } },
        },
      }),
    );
  });
  afterEach(() => provider.close());

  /** What differs from run to run, replaced. */
  const seen = (text: string): string =>
    text
      .replaceAll(provider.server.url, 'IDP')
      .replaceAll(provider.folder, 'ROOT')
      .replace(/\d+ (?:d|h|m|s)(?: \d+ (?:h|m|s))?/g, 'SPAN');

  it('login shows code and link, and keeps the sign-in where the official client does', async () => {
    provider.polls = ['authorization_pending'];
    const { code, stdout, stderr } = await call('auth login');
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(
      seen(stdout),
      `Open IDP/go and enter the code ABCD-EFGH
or open IDP/go?code=ABCD-EFGH
Signed in as Jane Doe; kept in ROOT/.token.
`,
    );
    assert.deepEqual(harness().opened, []);
    assert.equal((await provider.stored()).refresh_token, 'refresh-1');
    await call('auth login --open');
    assert.deepEqual(harness().opened.map(seen), ['IDP/go?code=ABCD-EFGH']);
  });

  it('login tells a program what to show, and that it is done', async () => {
    const { stdout } = await call('auth login --json');
    const [shown, done] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      [shown?.event, shown?.userCode, seen(String(shown?.link)), seen(String(shown?.completeLink))],
      ['code', 'ABCD-EFGH', 'IDP/go', 'IDP/go?code=ABCD-EFGH'],
    );
    assert.deepEqual([done?.event, done?.state, done?.user], ['signedIn', 'good', 'Jane Doe']);
    assert.doesNotMatch(stdout, /device-secret|refresh-1|eyJ/);
  });

  it('login ends with what went wrong, or when it is told to', async () => {
    provider.polls = ['access_denied'];
    const denied = await call('auth login');
    assert.deepEqual([denied.code], [3]);
    assert.match(denied.stderr, /it was denied\.\n→ Sign in again, and allow it there/);
    const stop = new AbortController();
    provider.polls = Array.from({ length: 100 }, () => 'authorization_pending');
    const stopped = await call('auth login', { signal: stop.signal, onPrint: () => stop.abort() });
    assert.deepEqual([stopped.code, stopped.stderr], [130, 'Interrupted.\n']);
  });

  it('status tells everything that is known, and nothing secret', async () => {
    const signedOut = await call('auth status');
    assert.equal(signedOut.code, 3);
    assert.match(seen(signedOut.stdout), /State +signed out\nKept in +ROOT\/\.token\n$/);
    assert.equal(signedOut.stderr, '→ desc-panda auth login\n');
    await provider.store(provider.tokens({ groups: ['Rubin', 'Rubin/production'] }));
    const { code, stdout, stderr } = await call('auth status');
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(
      seen(stdout),
      `Profile   rubin, IDP
Identity  sign-in
State     signed in
User      Jane Doe
Groups    Rubin, Rubin/production
Issuer    IDP/
Kept in   ROOT/.token
Token     ends in SPAN, TIME; renewed by itself
Sign-in   ends in SPAN, TIME, as is usual
`,
    );
    const shape = await json<Record<string, unknown>>('auth status');
    assert.deepEqual([shape.state, shape.kind, shape.signInEndIsCertain], ['good', 'oidc', false]);
    assert.equal(provider.server.asked.length, 0);
  });

  it('status warns well before the end', async () => {
    const now = Math.floor(Date.now() / 1000);
    await provider.store(provider.tokens({ auth_time: now - 28 * DAY }));
    const { stderr } = await call('auth status');
    assert.match(seen(stderr), /^The sign-in probably ends in about SPAN\.\n→ Sign in again before/);
  });

  it('status knows proxies and ready-made tokens', async () => {
    const grid = await call('auth status --profile grid');
    assert.match(grid.stdout, /Identity +proxy\nState +good\nUser +Alice Adams\n/);
    assert.match(
      (await call('auth login --profile grid')).stderr,
      /does not sign in\.\n→ Make a new certificate/,
    );
    const env = { MY_TOKEN: String(provider.tokens({ exp: 1000 }).id_token) };
    const ready = await call('auth status --profile ready', { env });
    assert.equal(ready.code, 3);
    assert.match(ready.stdout, /Identity +ready-made token\nState +ended\nUser +Jane Doe\n/);
    assert.match(
      (await call('auth status --profile sandbox')).stdout,
      /^Profile sandbox needs no sign-in\.\n$/,
    );
  });

  it('refresh renews what ends soon', async () => {
    provider.life = 3 * DAY * 1000;
    await provider.store(provider.tokens());
    assert.match(
      (await call('auth refresh --days 2')).stdout,
      /^The token was left as it is: it is good for /,
    );
    assert.match((await call('auth refresh')).stdout, /^The token was renewed: it is good for /);
    assert.equal((await json<{ renewed: boolean }>('auth refresh --days 9')).renewed, true);
    assert.equal(provider.count('refresh_token'), 2);
    provider.accepted = [];
    const refused = await call('auth refresh');
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /the sign-in has ended\.\n→ Sign in again \(desc-panda auth login\)/);
  });

  it('logout forgets', async () => {
    await provider.store(provider.tokens());
    assert.match((await call('auth logout')).stdout, /^Signed out; nothing is kept in /);
    assert.equal((await call('auth logout')).stdout, 'Nobody was signed in.\n');
    assert.deepEqual(await json('auth logout'), { profile: 'rubin', signedOut: false });
  });

  it('keeps several people, and uses the profile as one of them', async () => {
    assert.equal((await call('auth list')).stdout, 'Nobody is signed in.\n');
    await call('auth login');
    provider.change = () => provider.tokens({ sub: 'u-2', name: 'bob BERG', preferred_username: 'bberg' });
    assert.match((await call('auth login')).stdout, /Signed in as Bob Berg; kept in .*\.token\.\n/);
    const list = async (): Promise<string> => seen((await call('auth list')).stdout);
    assert.match(
      await list(),
      /\* +Bob Berg +in about SPAN +ROOT\/\.token\n +Jane Doe +in about SPAN +ROOT\/\.desc-panda/,
    );
    assert.equal((await call('auth use jane doe')).stdout, 'Profile rubin is used as Jane Doe.\n');
    assert.match((await call('auth status')).stdout, /User +Jane Doe\n/);
    const { accounts } = await json<{ accounts: { user: string; isUsed: boolean }[] }>('auth list');
    assert.deepEqual(
      accounts.map(({ user, isUsed }) => [user, isUsed]),
      [
        ['Jane Doe', true],
        ['Bob Berg', false],
      ],
    );
    assert.doesNotMatch((await call('auth list --json')).stdout, /eyJ|refresh-/);
    const nobody = await call('auth use Carl');
    assert.deepEqual([nobody.code, nobody.stderr.split('\n')[0]], [2, 'Carl is not signed in.']);
    assert.match((await call('auth logout bberg')).stdout, /^Signed Bob Berg out; nothing is kept in /);
    assert.match(await list(), /^ +User.*\n\* +Jane Doe [^\n]*\n$/);
  });

  it('says what it can do', async () => {
    assert.match((await call('auth')).stderr, /→ Say one of login, logout, list, use, status, refresh/);
    assert.match((await call('auth dance')).stderr, /^There is no auth dance\./);
  });

  it('names the user in what others do, and says to sign in where nobody is', async () => {
    const { stderr, code } = await call('sites');
    assert.equal(code, 3);
    assert.match(stderr, /nobody is signed in\.\n→ Sign in \(desc-panda auth login\)\n$/);
    await provider.store(provider.tokens());
    const { stdout } = await call('doctor');
    assert.match(stdout, /token of Jane Doe;/);
  });
});
