import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createPandaClient, PandaError, readClaims, signInFor } from '../../src/panda/index.ts';
import type { DeviceCode, Profile, SignIn, SignInOptions } from '../../src/panda/index.ts';
import { startSandboxServer } from '../../src/sandbox/index.ts';
import { CLIENT_ID, CLIENT_WITH_SECRET, SECRET, startOidcProvider } from '../support/oidcProvider.ts';
import type { OidcProvider } from '../support/oidcProvider.ts';
import { doAfter, temporaryFolder } from './doAfter.ts';
import { oidcProvider } from './programs/oidcProvider.ts';
import { pandaClient } from './programs/pandaClient.ts';
import { usePrograms } from './usePrograms.ts';

const run = promisify(execFile);

function profileOf(server: string, configRoot: string, origin = 'Rubin'): Profile {
  return {
    name: 'rubin',
    server,
    cache: server,
    monitor: server,
    authentication: { kind: 'oidc', origin, configRoot },
    vo: 'Rubin',
    user: 'jane',
    prodSourceLabel: 'user',
    workingGroup: undefined,
    cloud: undefined,
    defaultSite: 'SANDBOX',
    caFile: undefined,
    verifyHost: true,
    proxy: undefined,
  };
}

/** Waits a hundredth of what is asked: the provider says 5 s. */
const hasty: SignInOptions = { delay: (ms) => wait(ms / 100) };

function signInOf(profile: Profile, options = hasty): SignIn {
  const signIn = signInFor(profile, options);
  assert.ok(signIn !== undefined);
  return signIn;
}

describe('signing in to a sandbox with oidc-provider', () => {
  usePrograms(oidcProvider);
  const later = doAfter();
  let idp: OidcProvider;
  let server: string;
  let folder: string;
  before(async () => {
    idp = await startOidcProvider();
    later(() => idp.close());
    const sandbox = await startSandboxServer({
      dataFolder: await temporaryFolder(later),
      owner: 'tester',
      signIn: { issuer: idp.url, clientId: CLIENT_ID, vo: 'Rubin' },
    });
    later(() => sandbox.close());
    server = sandbox.url;
  });
  beforeEach(async () => {
    folder = await temporaryFolder(later);
    Object.assign(idp.lives, { idToken: 3600, deviceCode: 600, refreshToken: 14 * 86_400 });
    idp.minimumInterval = 0;
    idp.answers.length = 0;
  });

  const counts = (grant: string): number => idp.answers.filter((one) => one.grant === grant).length;

  /** Signs in, the user doing their part elsewhere. */
  const enter = async (
    signIn: SignIn,
    what: 'allow' | 'deny' = 'allow',
    login = 'jane',
  ): Promise<DeviceCode | undefined> => {
    let code: DeviceCode | undefined;
    let answering: Promise<void> | undefined;
    await signIn.signIn({
      onCode(shown) {
        code = shown;
        answering = idp.answer(shown.completeLink ?? shown.link, what, login);
      },
    });
    await answering;
    return code;
  };

  const whoAmI = async (profile: Profile, signIn: SignIn): Promise<Record<string, unknown>> => {
    const client = createPandaClient(profile, { tokens: signIn });
    try {
      // Any call that needs to know who asks.
      await client.metaconfig.getResourceTypes();
      return (await client.system.getAttributes()).environment as Record<string, unknown>;
    } finally {
      client.dispose();
    }
  };

  it('works by the device flow with a code that the user enters, and the server knows them by it', async () => {
    const profile = profileOf(server, folder);
    const signIn = signInOf(profile);
    const code = await enter(signIn);
    assert.match(code?.userCode ?? '', /^\w{4}-\w{4}$/);
    const { user, claims } = await signIn.status();
    assert.deepEqual([user, claims?.groups], ['Jane Doe', ['Rubin']]);
    const environment = await whoAmI(profile, signIn);
    assert.equal(environment.SSL_CLIENT_S_DN, 'Jane Doe/CN=nickname:jane');
  });

  it('gives a role to who has it', async () => {
    const profile = profileOf(server, folder, 'Rubin:production');
    const signIn = signInOf(profile);
    await enter(signIn, 'allow', 'boss');
    await whoAmI(profile, signIn);
    const other = profileOf(server, await temporaryFolder(later), 'Rubin:production');
    const without = signInOf(other);
    await enter(without);
    await assert.rejects(whoAmI(other, without), /Not a member of the Rubin\/production group/);
  });

  it('waits longer where it is told to (slow_down)', async () => {
    idp.minimumInterval = 0.07;
    const signIn = signInOf(profileOf(server, folder));
    await signIn.signIn({
      onCode: ({ link, completeLink = link }) => {
        void wait(250).then(() => idp.answer(completeLink, 'allow'));
      },
    });
    const errors = idp.answers.map(({ error }) => error);
    assert.equal(errors.at(-1), '');
    assert.ok(errors.includes('authorization_pending'), errors.join());
    idp.minimumInterval = 10;
    idp.answers.length = 0;
    const waits: number[] = [];
    const slowed = signInOf(profileOf(server, await temporaryFolder(later)), {
      delay: async (ms) => {
        waits.push(ms / 1000);
        await wait(5);
      },
    });
    let link: string | undefined;
    const signing = slowed.signIn({ onCode: ({ completeLink }) => void (link = completeLink) });
    while (waits.length < 4) await wait(5);
    await idp.answer(link ?? '', 'allow');
    await signing;
    assert.deepEqual(waits.slice(0, 4), [5, 5, 10, 15]);
  });

  it('says that it was denied (access_denied)', async () => {
    const signIn = signInOf(profileOf(server, folder));
    await assert.rejects(enter(signIn, 'deny'), /it was denied/);
    assert.equal((await signIn.status()).state, 'signedOut');
  });

  it('says that the code ran out before it was entered (expired_token)', async () => {
    idp.lives.deviceCode = 1;
    const signIn = signInOf(profileOf(server, folder), { delay: () => wait(300) });
    await assert.rejects(
      signIn.signIn({ onCode: () => undefined }),
      /the code ran out before it was entered/,
    );
    assert.equal((await signIn.status()).state, 'signedOut');
  });

  it('refreshes tokens that end, with a new refresh token each time, once for all', async () => {
    idp.lives.idToken = 2;
    const profile = profileOf(server, folder);
    const signIn = signInOf(profile);
    await enter(signIn);
    const client = createPandaClient(profile, { tokens: signIn });
    const seen = new Set<string>();
    for (let round = 0; round < 3; round++) {
      await wait(2100);
      await Promise.all(Array.from({ length: 5 }, () => client.metaconfig.getResourceTypes()));
      seen.add(await signIn.token());
    }
    client.dispose();
    assert.equal(seen.size, 3);
    assert.equal(counts('refresh_token'), 3);
    assert.ok(idp.answers.every(({ error }) => error === '' || error === 'authorization_pending'));
  });

  it('works on a machine whose clock is wrong by hours (clock skew)', async () => {
    for (const offset of [-7_200_000, 7_200_000]) {
      const profile = profileOf(server, await temporaryFolder(later));
      const real = Date.now;
      // The library has only the machine's own clock.
      Date.now = () => real() + offset;
      try {
        const signIn = signInOf(profile, { ...hasty, now: () => Date.now() });
        let link = '';
        const signing = signIn.signIn({ onCode: ({ completeLink = '' }) => void (link = completeLink) });
        // The provider is in this process, and has to see the true time.
        Date.now = real;
        while (link === '') await wait(5);
        await idp.answer(link, 'allow');
        await signing;
        assert.equal((await signIn.status()).user, 'Jane Doe');
      } finally {
        Date.now = real;
      }
    }
  });

  it('asks for a new sign-in when the refresh token has ended', async () => {
    Object.assign(idp.lives, { idToken: 1, refreshToken: 1 });
    const profile = profileOf(server, folder);
    const signIn = signInOf(profile);
    await enter(signIn);
    await wait(2500);
    const error: unknown = await whoAmI(profile, signIn).catch((reason: unknown) => reason);
    assert.ok(error instanceof PandaError && error.needsSignIn, String(error));
    assert.equal((await signIn.status()).state, 'ended');
    Object.assign(idp.lives, { idToken: 3600, refreshToken: 86_400 });
    await enter(signIn);
    await whoAmI(profile, signIn);
  });

  it('takes the refresh token back when the user signs out', async () => {
    const profile = profileOf(server, folder);
    const signIn = signInOf(profile);
    await enter(signIn);
    const kept = await readFile(join(folder, '.token'));
    await signIn.signOut();
    await writeFile(join(folder, '.token'), kept);
    const error: unknown = await signInOf(profile)
      .refresh()
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof PandaError && error.needsSignIn, String(error));
  });
});

describe("sharing a sign-in with PanDA's own client", () => {
  const pathOf = usePrograms(pandaClient, oidcProvider);
  const later = doAfter();
  let idp: OidcProvider;
  let folder: string;
  let profile: Profile;
  before(async () => {
    idp = await startOidcProvider();
    later(() => idp.close());
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(
        JSON.stringify({
          audience: 'https://panda.example.org',
          client_id: CLIENT_WITH_SECRET,
          client_secret: SECRET,
          oidc_config_url: `${idp.url}/.well-known/openid-configuration`,
          vo: 'Rubin',
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    later(() => server.close());
    folder = await temporaryFolder(later);
    profile = profileOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, folder);
    const signIn = signInOf(profile);
    await signIn.signIn({
      onCode: ({ link, completeLink = link }) => void idp.answer(completeLink, 'allow'),
    });
  });

  /** The id token that the other client would send; it asks for nothing at the terminal. */
  const theirs = async (): Promise<string> => {
    const program = `
import logging, sys
from pandaclient.openidc_utils import OpenIdConnect_Utils
utils = OpenIdConnect_Utils(sys.argv[1], token_dir=sys.argv[2], log_stream=logging.getLogger("x"))
good, token = utils.run_device_authorization_flow()
assert good, token
print(token)`;
    const config = `${profile.server}/auth/Rubin_auth_config.json`;
    const { stdout } = await run(pathOf(pandaClient), ['-W', 'ignore', '-c', program, config, folder], {
      timeout: 60_000,
    });
    return stdout.trim();
  };

  it('it takes ours as its own', async () => {
    assert.equal(await theirs(), await signInOf(profile).token());
    assert.equal(idp.answers.filter(({ grant }) => grant === 'refresh_token').length, 0);
  });

  it('it renews ours, and we go on with what it left', async () => {
    const before = await signInOf(profile).token();
    // Less than the five minutes at which it renews.
    idp.lives.idToken = 100;
    await signInOf(profile).refresh();
    // Another life than that of the first: of the same second and life, both tokens are the same bytes.
    idp.lives.idToken = 7200;
    const renewed = await theirs();
    assert.notEqual(renewed, before);
    assert.equal(await signInOf(profile).token(), renewed);
    assert.equal(readClaims(renewed)?.subject, 'jane');
  });

  it('we renew its, and it goes on with what we left', async () => {
    await signInOf(profile).refresh();
    assert.equal(await theirs(), await signInOf(profile).token());
  });
});
