import { createHttp } from '../http/http.ts';
import type { Profile } from '../profiles/profile.ts';
import { realRetryTools } from '../http/retry.ts';
import { createAskJson } from './askJson.ts';
import { readAuthConfig, readProviderDescription } from './authConfig.ts';
import type { ProviderDescription } from './authConfig.ts';

interface AskOptions {
  readonly userAgent: string;
  readonly signal: AbortSignal;
}

/** The address at which the identity provider of a VO describes itself, as the server names it. Rejects with PandaError. */
export async function askDiscoveryUrl(
  profile: Profile,
  origin: string,
  options: AskOptions,
): Promise<string> {
  const http = createHttp(profile);
  try {
    return (await readAuthConfig(profile.server, origin, createAskJson(http, realRetryTools, options)))
      .discoveryUrl;
  } finally {
    http.dispose();
  }
}

/** What the identity provider says of itself. Rejects with PandaError. */
export async function askIssuer(
  profile: Profile,
  discoveryUrl: string,
  options: AskOptions,
): Promise<Pick<ProviderDescription, 'issuer' | 'offersCodes'>> {
  // As a sign-in does it: its certificate is checked, whatever the profile says of the server's.
  const http = createHttp({ ...profile, verifyHost: true });
  try {
    return await readProviderDescription(discoveryUrl, createAskJson(http, realRetryTools, options));
  } finally {
    http.dispose();
  }
}
