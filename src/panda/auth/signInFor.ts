import { join } from 'node:path';
import { createHttp } from '../http/http.ts';
import type { HttpAnswer } from '../http/types.ts';
import type { Authentication, Profile } from '../profiles/profile.ts';
import { realRetryTools } from '../http/retry.ts';
import type { RetryTools } from '../http/retry.ts';
import { accountFiles, OWN_FOLDER } from './accountFiles.ts';
import { clockOffset, createAskJson } from './askJson.ts';
import { readAuthConfig, readProviderDescription } from './authConfig.ts';
import { openProvider } from './provider.ts';
import type { IdentityProvider } from './provider.ts';
import { createSignIn } from './signIn.ts';
import type { SignIn } from './signIn.ts';
import type { AccountStore } from './tokenStore.ts';
import { usedIdentity } from './usedIdentity.ts';

export interface SignInOptions extends Partial<RetryTools> {
  /** Default: the file of the official client, in the folder that the profile names, and who else signed in beside it. */
  readonly store?: AccountStore;
  /** How the program introduces itself. */
  readonly userAgent?: string;
}

/** What the server and the identity provider say of themselves changes rarely, ms. */
const KNOWN_FOR_MS = 3_600_000;

/** The sign-in of a profile, or undefined for one that proves otherwise who it is. Nothing is read or asked yet. */
export function signInFor(profile: Profile, options: SignInOptions = {}): SignIn | undefined {
  const { authentication } = profile;
  if (authentication.kind !== 'oidc') return undefined;
  const tools: RetryTools = { ...realRetryTools, ...options };
  return createSignIn({
    what: `${authentication.origin} at ${profile.server}`,
    store: options.store ?? storeOf(profile.name, authentication.configRoot, tools),
    provider: rememberedProvider(profile, authentication, tools, options.userAgent ?? 'desc-panda'),
    tools,
  });
}

/** Everybody's sign-in in files, with the one remembered that the profile uses. */
function storeOf(profile: string, configRoot: string, tools: RetryTools): AccountStore {
  return accountFiles(configRoot, usedIdentity(join(configRoot, OWN_FOLDER), profile, tools), tools);
}

function rememberedProvider(
  profile: Profile,
  { origin }: Extract<Authentication, { kind: 'oidc' }>,
  tools: RetryTools,
  userAgent: string,
): (signal?: AbortSignal) => Promise<IdentityProvider> {
  const server = createHttp(profile);
  // That the check of PanDA's own certificate is off is no reason to give a secret to just anybody.
  const outside = createHttp({ ...profile, verifyHost: true });
  let known: { readonly provider: IdentityProvider; readonly since: number } | undefined;
  return async (signal) => {
    const now = tools.now();
    if (known !== undefined && now >= known.since && now - known.since < KNOWN_FOR_MS) return known.provider;
    const options = { userAgent, signal };
    const config = await readAuthConfig(profile.server, origin, createAskJson(server, tools, options));
    let offset = 0;
    const onAnswer = (answer: HttpAnswer): void => {
      offset = clockOffset(answer, tools.now());
    };
    const ask = createAskJson(outside, tools, { ...options, onAnswer });
    const description = await readProviderDescription(config.discoveryUrl, ask);
    const provider = await openProvider(config, description, {
      http: outside,
      userAgent,
      now: tools.now,
      clockOffset: offset,
    });
    known = { provider, since: now };
    return provider;
  };
}
