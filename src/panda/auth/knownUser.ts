import type { Profile } from '../profiles/profile.ts';
import type { ResolvedProfile } from '../profiles/resolveProfile.ts';
import type { IdentityFacts } from './identityFacts.ts';

/**
 * The profile with its user called as PanDA calls the owner of the token or certificate, so that the monitor finds their
 * jobs; as it is where it names the user itself, or nobody is signed in.
 */
export function withKnownUser(
  profile: Profile,
  { values }: Pick<ResolvedProfile, 'values'>,
  { user }: Pick<IdentityFacts, 'user'>,
): Profile {
  const isNamed = values.some(({ field, from }) => field === 'user' && from !== 'default');
  return isNamed || user === undefined || user === '' ? profile : { ...profile, user };
}
