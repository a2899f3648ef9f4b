import type * as OpenIdClient from 'openid-client';
import type { Configuration, ServerMetadata } from 'openid-client';
import { cleanText } from '../text/cleanText.ts';
import { connectionError } from '../http/connectionError.ts';
import { PandaError } from '../errors/errors.ts';
import { HttpFailure } from '../http/types.ts';
import type { Http } from '../http/types.ts';
import { clockOffset, fetchOver } from './askJson.ts';
import { isSafe } from './authConfig.ts';
import type { AuthConfig, ProviderDescription } from './authConfig.ts';
import { parseTokenSet } from './tokenSet.ts';
import type { TokenSet } from './tokenSet.ts';

/** What the user has to do elsewhere. Times are epoch milliseconds. */
export interface DeviceCode {
  readonly userCode: string;
  /** Where the code is asked for. */
  readonly link: string;
  /** The same with the code in it, where the provider gives one. */
  readonly completeLink: string | undefined;
  readonly expiresAt: number;
}

/** A sign-in that waits for its user. */
export interface StartedSignIn extends DeviceCode {
  readonly deviceCode: string;
  /** How long to wait between polls, ms. */
  readonly intervalMs: number;
}

export type PollAnswer =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  | { readonly kind: 'pending' }
  | { readonly kind: 'slowDown' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'expired' };

/** A VO's identity provider, as PanDA uses it. All methods reject with PandaError. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** How much its clock is ahead of ours, ms, as far as it has told. */
  readonly clockOffset: number;
  start(): Promise<StartedSignIn>;
  poll(started: StartedSignIn): Promise<PollAnswer>;
  /** Undefined where the provider does not accept the refresh token any more. */
  refresh(refreshToken: string): Promise<TokenSet | undefined>;
  /** Tells the provider that a refresh token is not needed any more, where it wants to know. */
  revoke(refreshToken: string): Promise<void>;
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** Seconds by which clocks may differ beyond what is known. */
const CLOCK_TOLERANCE = 60;

type Library = typeof OpenIdClient;

export interface ProviderTools {
  readonly http: Http;
  readonly userAgent: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How much the provider's clock is ahead of ours, ms, as far as that is known. */
  readonly clockOffset: number;
}

/** The provider that a VO's configuration names; the library is loaded now. */
export async function openProvider(
  config: AuthConfig,
  description: ProviderDescription,
  tools: ProviderTools,
): Promise<IdentityProvider> {
  return new Provider(await import('openid-client'), config, description, tools);
}

class Provider implements IdentityProvider {
  readonly #library: Library;
  readonly #config: AuthConfig;
  readonly #description: ProviderDescription;
  readonly #tools: ProviderTools;
  #clockOffset: number;

  constructor(library: Library, config: AuthConfig, description: ProviderDescription, tools: ProviderTools) {
    this.#library = library;
    this.#config = config;
    this.#description = description;
    this.#tools = tools;
    this.#clockOffset = tools.clockOffset;
  }

  get clockOffset(): number {
    return this.#clockOffset;
  }

  get issuer(): string {
    return this.#description.issuer;
  }

  get clientId(): string {
    return this.#config.clientId;
  }

  async start(): Promise<StartedSignIn> {
    const tried = `begin a sign-in at ${this.issuer}`;
    if (!this.#description.offersCodes) {
      throw protocol(tried, 'it offers no sign-in with a code');
    }
    const { scope, audience } = this.#config;
    const parameters = audience === undefined ? { scope } : { scope, audience };
    const answer = await this.#call(tried, (library, client) =>
      library.initiateDeviceAuthorization(client, parameters),
    );
    const { verification_uri: link, verification_uri_complete: completeLink, user_code: userCode } = answer;
    // The user is to open it.
    if (!isSafe(link) || (completeLink !== undefined && !isSafe(completeLink))) {
      throw protocol(tried, 'it gave no https address to go to');
    }
    return {
      userCode: cleanText(userCode),
      link,
      completeLink,
      expiresAt: this.#tools.now() + answer.expires_in * 1000,
      deviceCode: answer.device_code,
      intervalMs: (answer.interval ?? 5) * 1000,
    };
  }

  async poll({ deviceCode }: StartedSignIn): Promise<PollAnswer> {
    const tried = `end the sign-in at ${this.issuer}`;
    try {
      const tokens = await this.#call(
        tried,
        (library, client) => library.genericGrantRequest(client, DEVICE_GRANT, { device_code: deviceCode }),
        deviceCode,
      );
      return { kind: 'tokens', tokens: checked(tokens, tried) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const kind = POLL_ANSWERS[error.code];
      if (kind === undefined) throw error.asPandaError();
      return { kind };
    }
  }

  async refresh(refreshToken: string): Promise<TokenSet | undefined> {
    const tried = `renew the sign-in at ${this.issuer}`;
    try {
      const tokens = await this.#call(
        tried,
        (library, client) => library.refreshTokenGrant(client, refreshToken),
        refreshToken,
      );
      // A provider that keeps its refresh token need not send it again.
      return { refresh_token: refreshToken, ...checked(tokens, tried) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 'invalid_grant') return undefined;
      throw error.asPandaError();
    }
  }

  async revoke(refreshToken: string): Promise<void> {
    if (!this.#description.takesRevocations) return;
    const tried = `sign out at ${this.issuer}`;
    try {
      await this.#call(
        tried,
        (library, client) =>
          library.tokenRevocation(client, refreshToken, { token_type_hint: 'refresh_token' }),
        refreshToken,
      );
    } catch (error) {
      throw error instanceof Refusal ? error.asPandaError() : error;
    }
  }

  /**
   * Rejects with PandaError, or with Refusal where the provider said no in its own words, which may not quote `secret`.
   */
  async #call<T>(
    tried: string,
    call: (library: Library, client: Configuration) => Promise<T>,
    secret?: string,
  ): Promise<T> {
    try {
      return await call(this.#library, this.#client());
    } catch (error) {
      throw this.#explain(error, tried, secret);
    }
  }

  /** Made for each call, as the library takes the difference of the clocks only then. */
  #client(): Configuration {
    const { Configuration: Client, allowInsecureRequests, clockSkew, clockTolerance } = this.#library;
    const { clientId, clientSecret } = this.#config;
    const { http, userAgent, now } = this.#tools;
    const client = new Client(this.#description.document as unknown as ServerMetadata, clientId, {
      ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
      // The library goes by the clock of the machine, we by the one we were given.
      [clockSkew]: Math.round((now() + this.#clockOffset - Date.now()) / 1000),
      [clockTolerance]: CLOCK_TOLERANCE,
    });
    // The addresses were looked at: what is not https is on this machine.
    if (this.issuer.startsWith('http:')) allowInsecureRequests(client);
    client[this.#library.customFetch] = fetchOver(http, userAgent, (answer) => {
      this.#clockOffset = clockOffset(answer, now());
    });
    return client;
  }

  #explain(error: unknown, tried: string, secret: string | undefined): unknown {
    if (error instanceof this.#library.ResponseBodyError) {
      const { error_description: words = '' } = error;
      const shown = secret === undefined ? words : words.replaceAll(secret, '…');
      return new Refusal(tried, error.error, cleanText(shown));
    }
    const failure = causeOf(error, HttpFailure);
    if (failure !== undefined) return connectionError(failure, { tried, changes: false });
    if (error instanceof this.#library.ClientError) {
      const code = error.code ?? 'unknown';
      return code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED'
        ? protocol(
            tried,
            "the times in its token do not fit this machine's clock",
            'Set the clock of this machine',
          )
        : protocol(tried, `it did not answer as OpenID Connect wants it (${code})`);
    }
    return error;
  }
}

const POLL_ANSWERS: Readonly<Record<string, Exclude<PollAnswer['kind'], 'tokens'>>> = {
  authorization_pending: 'pending',
  slow_down: 'slowDown',
  access_denied: 'denied',
  expired_token: 'expired',
};

/** The provider's no, in its own words. */
class Refusal extends Error {
  readonly code: string;
  readonly #tried: string;

  constructor(tried: string, code: string, description: string) {
    super(`${cleanText(code)}${description === '' ? '' : `: ${description}`}`);
    this.code = code;
    this.#tried = tried;
  }

  asPandaError(): PandaError {
    return new PandaError({
      kind: 'unauthorised',
      tried: this.#tried,
      cameBack: `it refused (${this.message})`,
      advice: 'Try again; if it stays, tell the operators of the PanDA server',
    });
  }
}

function checked(answer: object, tried: string): TokenSet {
  const tokens = parseTokenSet({ ...answer });
  if (tokens === undefined) throw protocol(tried, 'it gave no id token');
  return tokens;
}

function protocol(tried: string, cameBack: string, advice?: string): PandaError {
  return new PandaError({
    kind: 'protocol',
    tried,
    cameBack,
    advice: advice ?? 'Try again; if it stays, tell the operators of the PanDA server',
  });
}

function causeOf<T>(error: unknown, type: new (...args: never[]) => T): T | undefined {
  for (let link: unknown = error, depth = 0; link instanceof Error && depth < 8; link = link.cause, depth++) {
    if (link instanceof type) return link;
  }
  return undefined;
}
