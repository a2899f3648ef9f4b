import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signInFor } from '../../../../src/panda/index.ts';
import type { Profile, SignIn, SignInOptions } from '../../../../src/panda/index.ts';
import { ok, plain, startFakeServer } from '../fakeServer.ts';
import type { Asked, FakeServer } from '../fakeServer.ts';

export const HOUR = 3_600_000;

/** A token of an identity provider, as far as anybody but the server reads it. Times are epoch milliseconds. */
export function makeToken(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', kid: 'k1' })}.${part(claims)}.c2lnbmF0dXJl`;
}

/** PanDA server and identity provider in one, for one test; answers as its fields say. */
export interface FakeProvider {
  readonly server: FakeServer;
  readonly profile: Profile;
  /** The folder of the sign-in. */
  readonly folder: string;
  /** Epoch milliseconds by its clock. */
  now: () => number;
  /** How long its id tokens live, ms. */
  life: number;
  /** Answers to polls, in order; then tokens. */
  polls: (string | { readonly destroy: true })[];
  /** Refresh tokens that it takes. A new one replaces the old of the same person. */
  accepted: string[];
  rotates: boolean;
  /** Claims of who enters the code. */
  who: Readonly<Record<string, unknown>>;
  /** Changes its answers with tokens. */
  change: (answer: Record<string, unknown>) => Record<string, unknown>;
  /** Fields of the device answer, the VO's configuration and the discovery document that are different. */
  device: Readonly<Record<string, unknown>>;
  config: Readonly<Record<string, unknown>>;
  discovery: Readonly<Record<string, unknown>>;
  /** Requests to the token endpoint by grant type. */
  count(grant: 'refresh_token' | 'device_code'): number;
  /** What a token set would be now; its refresh token is accepted. */
  tokens(claims?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** What a token set of the same person would be now. */
  renewed(refreshToken: string): Record<string, unknown>;
  /** Signs somebody in, as the official client leaves it. */
  store(tokens: Readonly<Record<string, unknown>>): Promise<void>;
  stored(): Promise<Record<string, unknown>>;
  signIn(options?: SignInOptions): SignIn;
  close(): Promise<void>;
}

export async function startFakeProvider(): Promise<FakeProvider> {
  const folder = await mkdtemp(join(tmpdir(), 'sign-in-'));
  const server = await startFakeServer();
  let number = 0;
  /** What was said of whom each refresh token is of. */
  const claimsOf = new Map<string, Readonly<Record<string, unknown>>>();
  const issuer = `${server.url}/`;
  const fake: FakeProvider = {
    server,
    folder,
    profile: server.profile({
      authentication: { kind: 'oidc', origin: 'Rubin', configRoot: folder },
      vo: 'Rubin',
    }),
    now: Date.now,
    life: 24 * HOUR,
    polls: [],
    accepted: [],
    rotates: true,
    who: {},
    change: (answer) => answer,
    device: {},
    config: {},
    discovery: {},
    count: (grant) =>
      server.asked.filter(({ path, text }) => path === '/token' && text.includes(grant)).length,
    tokens(claims = {}) {
      number += 1;
      const { sub: subject = 'u-1' } = claims;
      const fixed = subject === 'u-1' ? 'refresh' : `refresh-of-${String(subject)}`;
      const refreshToken = fake.rotates ? `refresh-${number}` : fixed;
      const isTheirs = (token: string): boolean => (claimsOf.get(token)?.sub ?? 'u-1') === subject;
      fake.accepted = [...fake.accepted.filter((token) => !isTheirs(token)), refreshToken];
      claimsOf.set(refreshToken, claims);
      const seconds = Math.floor(fake.now() / 1000);
      const times = { iat: seconds, auth_time: seconds, exp: seconds + fake.life / 1000 };
      const who = { iss: issuer, aud: 'client', sub: 'u-1', name: 'jane DOE', groups: ['Rubin'] };
      return {
        access_token: `access-${number}`,
        token_type: 'Bearer',
        refresh_token: refreshToken,
        expires_in: fake.life / 1000,
        scope: 'openid offline_access profile email',
        id_token: makeToken({ ...who, ...times, jti: String(number), ...claims }),
      };
    },
    store: (tokens) => writeFile(join(folder, '.token'), JSON.stringify(tokens)),
    stored: async () => JSON.parse(await readFile(join(folder, '.token'), 'utf8')) as Record<string, unknown>,
    signIn(options = {}) {
      const signIn = signInFor(fake.profile, { delay: () => Promise.resolve(), ...options });
      if (signIn === undefined) throw new Error('the profile signs nobody in');
      return signIn;
    },
    renewed: (refreshToken) => {
      const { sub, name } = claimsOf.get(refreshToken) ?? {};
      return fake.tokens(sub === undefined ? {} : { sub, name });
    },
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  server.answer = (asked, response) => answer(fake, issuer, asked, response);
  return fake;
}

function answer(fake: FakeProvider, issuer: string, asked: Asked, response: ServerResponse): void {
  const { url } = fake.server;
  const say = (status: number, json: unknown): void => {
    response.writeHead(status, {
      'Content-Type': 'application/json',
      Date: new Date(fake.now()).toUTCString(),
    });
    response.end(JSON.stringify(json));
  };
  switch (asked.path) {
    case '/auth/Rubin_auth_config.json':
    case '/auth/Rubin.production_auth_config.json':
      say(200, {
        audience: 'https://pandaserver',
        client_id: 'client',
        client_secret: null,
        oidc_config_url: `${url}/.well-known/openid-configuration`,
        vo: 'Rubin',
        ...fake.config,
      });
      return;
    case '/.well-known/openid-configuration':
      say(200, {
        issuer,
        token_endpoint: `${url}/token`,
        device_authorization_endpoint: `${url}/device`,
        revocation_endpoint: `${url}/revoke`,
        ...fake.discovery,
      });
      return;
    case '/device':
      say(200, {
        device_code: 'device-secret',
        user_code: 'ABCD-EFGH',
        verification_uri: `${url}/go`,
        verification_uri_complete: `${url}/go?code=ABCD-EFGH`,
        expires_in: 600,
        ...fake.device,
      });
      return;
    case '/token':
      answerToken(fake, new URLSearchParams(asked.text), response, say);
      return;
    case '/revoke':
      say(200, {});
      return;
    default:
      if (asked.path.startsWith('/api/')) ok(response, []);
      else plain(response, 404, 'not here');
  }
}

function answerToken(
  fake: FakeProvider,
  form: URLSearchParams,
  response: ServerResponse,
  say: (status: number, json: unknown) => void,
): void {
  const refreshToken = form.get('refresh_token');
  if (refreshToken !== null) {
    if (fake.accepted.includes(refreshToken)) say(200, fake.change(fake.renewed(refreshToken)));
    else say(400, { error: 'invalid_grant', error_description: `no such token ${refreshToken}` });
    return;
  }
  const next = fake.polls.shift();
  if (next === undefined) say(200, fake.change(fake.tokens(fake.who)));
  else if (typeof next === 'string') say(400, { error: next });
  else response.destroy();
}
