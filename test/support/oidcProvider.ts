import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import type { Configuration } from 'oidc-provider';

/** The `oidc-provider` of npm, set up as a VO's identity provider: sign-in with codes, refresh tokens that rotate. */
export interface OidcProvider {
  readonly url: string;
  /** Seconds; may be changed while it runs. */
  readonly lives: { idToken: number; deviceCode: number; refreshToken: number };
  /** Seconds between polls, below which it says `slow_down`. */
  minimumInterval: number;
  /** Answers of the token endpoint by grant type and error (empty where there was none). */
  readonly answers: { readonly grant: string; readonly error: string }[];
  /** Does what a user does in a browser: opens the page, signs in as `login`, allows or denies. */
  answer(completeLink: string, what: 'allow' | 'deny', login?: string): Promise<void>;
  close(): Promise<void>;
}

export const CLIENT_ID = 'desc-panda';
/** Its secret is known to all, as those of PanDA's deployments are. */
export const CLIENT_WITH_SECRET = 'panda-client';
export const SECRET = 'known-to-all';

const clientOfCodes = {
  application_type: 'native',
  grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  redirect_uris: [],
  response_types: [],
} as const;

/** `name` of each user by login; all are in the group Rubin, `boss` in Rubin/production too. */
const NAMES: Readonly<Record<string, string>> = { jane: 'Jane Doe', boss: 'Dora Dean' };

export async function startOidcProvider(): Promise<OidcProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lives = { idToken: 3600, deviceCode: 600, refreshToken: 14 * 86_400 };
  const provider = new Provider(url, await configuration(lives));
  const answers: OidcProvider['answers'] = [];
  const polled = new Map<string, number>();
  const self: OidcProvider = {
    url,
    lives,
    minimumInterval: 0,
    answers,
    answer: (link, what, login = 'jane') => new UserAgent().answer(link, what, login),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path !== '/token') return;
    const { oidc } = ctx as unknown as { readonly oidc?: { readonly params?: Record<string, unknown> } };
    const parameters = oidc?.params ?? {};
    const grant = String(parameters.grant_type).replace(/^.*:/, '');
    const code = String(parameters.device_code);
    const tooSoon =
      grant === 'device_code' && Date.now() - (polled.get(code) ?? 0) < self.minimumInterval * 1000;
    polled.set(code, Date.now());
    const body = ctx.body as { readonly error?: string };
    if (tooSoon && body.error === 'authorization_pending') ctx.body = { error: 'slow_down' };
    answers.push({ grant, error: (ctx.body as { readonly error?: string }).error ?? '' });
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  return self;
}

async function configuration(lives: OidcProvider['lives']): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }] },
    clients: [
      { client_id: CLIENT_ID, token_endpoint_auth_method: 'none', ...clientOfCodes },
      {
        client_id: CLIENT_WITH_SECRET,
        client_secret: SECRET,
        token_endpoint_auth_method: 'client_secret_post',
        ...clientOfCodes,
      },
    ],
    features: {
      deviceFlow: {
        enabled: true,
        charset: 'base-20',
        mask: '****-****',
        userCodeInputSource: (ctx, form) => void (ctx.body = form),
        userCodeConfirmSource: (ctx, form) => void (ctx.body = form),
        successSource: (ctx) => void (ctx.body = 'Signed in.'),
      },
      revocation: { enabled: true },
    },
    cookies: { keys: ['for tests only'] },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
    // What PanDA looks at has to stand in the id token.
    conformIdTokenClaims: false,
    rotateRefreshToken: true,
    issueRefreshToken: () => Promise.resolve(true),
    ttl: {
      IdToken: () => lives.idToken,
      DeviceCode: () => lives.deviceCode,
      RefreshToken: () => lives.refreshToken,
      AccessToken: 3600,
      Grant: 14 * 86_400,
      Interaction: 3600,
      Session: 3600,
    },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: NAMES[id] ?? id,
        preferred_username: id,
        email: `${id}@example.org`,
        groups: id === 'boss' ? ['Rubin', 'Rubin/production'] : ['Rubin'],
      }),
    }),
  };
}

/** Goes through the pages of the provider as a browser would: cookies, redirects, forms. */
class UserAgent {
  readonly #cookies = new Map<string, string>();

  async answer(link: string, what: 'allow' | 'deny', login: string): Promise<void> {
    let page = await this.#open(link);
    for (let step = 0; step < 10; step++) {
      const form = readForm(page.html, page.url);
      if (form === undefined) return;
      if (what === 'deny' && form.fields.has('confirm')) {
        form.fields.set('abort', 'yes');
        await this.#open(form.action, form.fields);
        return;
      }
      if (form.fields.has('login')) {
        form.fields.set('login', login);
        form.fields.set('password', 'any');
      }
      page = await this.#open(form.action, form.fields);
    }
    throw new Error(`the pages of the provider do not end: ${page.html}`);
  }

  async #open(
    url: string,
    fields?: URLSearchParams,
  ): Promise<{ readonly url: string; readonly html: string }> {
    const response = await fetch(url, {
      redirect: 'manual',
      method: fields === undefined ? 'GET' : 'POST',
      headers: { Cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(fields === undefined ? {} : { body: fields }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) return this.#open(new URL(location, url).href);
    return { url, html: await response.text() };
  }
}

/** The one form of a page with the values that it has; undefined where there is none. */
function readForm(
  html: string,
  base: string,
): { readonly action: string; readonly fields: URLSearchParams } | undefined {
  const action = /<form[^>]*\baction="([^"]*)"/.exec(html)?.[1];
  if (action === undefined) return undefined;
  const fields = new URLSearchParams();
  for (const [tag] of html.matchAll(/<(?:input|button)\b[^>]*>/g)) {
    const attribute = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
    const name = attribute('name');
    if (name !== undefined && name !== 'abort') fields.set(name, attribute('value') ?? '');
  }
  return { action: new URL(action.replaceAll('&amp;', '&'), base).href, fields };
}
