import { proxyFor, withCredentials } from '../http/agents.ts';
import type { Profile } from './profile.ts';
import { profileTokens } from '../auth/profileTokens.ts';
import { realRetryTools } from '../http/retry.ts';
import type { TlsOptions } from '../http/tlsOptions.ts';
import { tlsSource } from '../http/tlsOptions.ts';
import type { TokenSource } from '../auth/tokenSource.ts';

/** What a client of the profile's data catalog needs to know; holds no secret itself. */
export interface DatacatConnection {
  readonly url: string;
  readonly authentication:
    | { readonly kind: 'none' }
    | { readonly kind: 'keyFile'; readonly file: string }
    | { readonly kind: 'token'; readonly token: () => Promise<string>; readonly origin: string };
  readonly tls: () => Promise<TlsOptions>;
  /** With what it asks for; asked when it is used. */
  readonly proxy: () => string | undefined;
}

/**
 * How one gets to the data catalog of a profile; undefined where it names none. `tokens`: in place of those that its
 * authentication says.
 */
export function datacatConnection(
  profile: Profile,
  userAgent: string,
  tokens?: TokenSource,
): DatacatConnection | undefined {
  const { datacat } = profile;
  if (datacat === undefined) return undefined;
  return {
    url: datacat.url,
    authentication: authenticationOf(profile, datacat, userAgent, tokens),
    // The certificate that PanDA is shown is none of the catalog's business.
    tls: tlsSource({ ...profile, authentication: { kind: 'none' } }, Date.now),
    proxy: () => withCredentials(proxyFor(profile, datacat.url), profile),
  };
}

function authenticationOf(
  profile: Profile,
  { authentication }: NonNullable<Profile['datacat']>,
  userAgent: string,
  given: TokenSource | undefined,
): DatacatConnection['authentication'] {
  if (authentication.kind !== 'profile') return authentication;
  const tokens = given ?? profileTokens(profile, realRetryTools, userAgent);
  const own = profile.authentication;
  if (tokens === undefined || own.kind === 'none' || own.kind === 'certificate') return { kind: 'none' };
  return { kind: 'token', token: () => tokens.token(), origin: own.origin };
}
