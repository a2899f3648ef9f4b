import { isObject, protocolError } from '../wire/envelope.ts';
import { isLoopback } from '../http/agents.ts';
import type { AskJson } from './askJson.ts';

/** How a VO signs in, as its PanDA server tells it. */
export interface AuthConfig {
  readonly clientId: string;
  /** Known to all: native programs can keep none. */
  readonly clientSecret: string | undefined;
  readonly audience: string | undefined;
  /** The identity provider's own description. */
  readonly discoveryUrl: string;
  readonly scope: string;
}

/** What an identity provider says of itself, its addresses checked. */
export interface ProviderDescription {
  readonly issuer: string;
  readonly offersCodes: boolean;
  readonly takesRevocations: boolean;
  /** All of it, as it came. */
  readonly document: Readonly<Record<string, unknown>>;
}

const SCOPE = 'openid profile email offline_access';

/** Reads `<server>/auth/<VO>_auth_config.json`; `VO:role` has a file `VO.role`. Rejects with PandaError. */
export async function readAuthConfig(server: string, origin: string, ask: AskJson): Promise<AuthConfig> {
  const facts = { tried: `learn from ${server} how to sign in for ${origin}`, changes: false };
  const json = await ask(`${server}/auth/${origin.replace(':', '.')}_auth_config.json`, facts);
  const bad = (what: string): Error =>
    protocolError(
      facts,
      what,
      'Check the VO in the profile, and tell the operators of the server if it is right',
    );
  if (!isObject(json)) throw bad('the answer is no object');
  const { client_id: clientId, client_secret: clientSecret, audience, oidc_config_url: discoveryUrl } = json;
  if (typeof clientId !== 'string' || clientId === '') throw bad('the answer names no client_id');
  if (!isSafe(discoveryUrl)) throw bad('the answer names no https address of an identity provider');
  return {
    clientId,
    clientSecret: typeof clientSecret === 'string' && clientSecret !== '' ? clientSecret : undefined,
    audience: typeof audience === 'string' && audience !== '' ? audience : undefined,
    discoveryUrl,
    scope: json.jwt_profile === 'wlcg' ? `${SCOPE} wlcg wlcg.groups` : SCOPE,
  };
}

/** Reads what the identity provider says of itself. Rejects with PandaError. */
export async function readProviderDescription(url: string, ask: AskJson): Promise<ProviderDescription> {
  const facts = { tried: `ask the identity provider ${new URL(url).origin} how it works`, changes: false };
  const json = await ask(url, facts);
  const { issuer, token_endpoint, device_authorization_endpoint, revocation_endpoint } = isObject(json)
    ? json
    : {};
  const named = [issuer, token_endpoint, device_authorization_endpoint, revocation_endpoint];
  const usable = named.every((address) => address === undefined || isSafe(address));
  if (!isObject(json) || !usable || !isSafe(issuer) || !isSafe(token_endpoint)) {
    throw protocolError(
      facts,
      'the answer is not that of an identity provider',
      'Tell the operators of the server',
    );
  }
  return {
    issuer,
    offersCodes: device_authorization_endpoint !== undefined,
    takesRevocations: revocation_endpoint !== undefined,
    document: json,
  };
}

/** Secrets go only where nobody listens: over https, or to this machine. */
export function isSafe(address: unknown): address is string {
  if (typeof address !== 'string' || !URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
