import type { Profile } from '../profiles/profile.ts';
import type { ResolvedProfile } from '../profiles/resolveProfile.ts';
import type { IdentityFacts } from './identityFacts.ts';

/**
 * The profile with the owner of the token or certificate. Its user is called as PanDA calls them, so that the monitor finds
 * their jobs, unless it names the user itself. As it is where nobody is signed in.
 */
export function withKnownUser(
  profile: Profile,
  { values }: Pick<ResolvedProfile, 'values'>,
  { user }: Pick<IdentityFacts, 'user'>,
): Profile {
  const isNamed = values.some(({ field, from }) => field === 'user' && from !== 'default');
  if (user === undefined || user === '') return profile;
  return { ...profile, user: isNamed ? profile.user : user, signedInAs: user };
}
