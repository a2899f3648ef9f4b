import type { Profile } from '../profiles/profile.ts';
import type { RetryTools } from '../http/retry.ts';
import { laterTokens, readyMadeTokens } from './tokenSource.ts';
import type { TokenSource } from './tokenSource.ts';

/** The tokens that the authentication of a profile says; undefined where it uses none. */
export function profileTokens(
  profile: Profile,
  tools: RetryTools,
  userAgent: string,
): TokenSource | undefined {
  const { authentication } = profile;
  switch (authentication.kind) {
    case 'token':
      return readyMadeTokens(authentication.token);
    case 'oidc':
      return laterTokens(async () => {
        const { signInFor } = await import('./signInFor.ts');
        return signInFor(profile, { ...tools, userAgent });
      });
    case 'none':
    case 'certificate':
      return undefined;
  }
}
