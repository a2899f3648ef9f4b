import { parseProfile, type Profile, type ProfileSurroundings } from '../panda/index.ts';
import { SettingsError, textSetting, type SettingsReader } from './settings.ts';

/** The built-in profile: a PanDA on this machine. */
export const SANDBOX_PROFILE = 'sandbox';

/** What the settings choose: the sandbox, which has to run before it has a profile, or a connection. */
export type ChosenProfile =
  | { readonly kind: 'sandbox'; readonly name: string }
  | { readonly kind: 'configured'; readonly name: string; readonly profile: Profile };

/** The profile that is switched on. Throws a SettingsError where it is not there or cannot be used. */
export function chosenProfile(settings: SettingsReader, surroundings: ProfileSurroundings): ChosenProfile {
  const name = profileName(settings);
  if (name === SANDBOX_PROFILE) return { kind: 'sandbox', name };
  const configured = configuredProfiles(settings);
  if (!Object.hasOwn(configured, name)) {
    const known = profileNames(settings).join(', ');
    throw new SettingsError(
      'profile',
      `names ${name}, which is not configured`,
      `Switch to one of these: ${known}`,
    );
  }
  const parsed = parseProfile(name, configured[name], surroundings);
  if (parsed.kind === 'problems') {
    const problems = parsed.problems.map(({ where, message }) => `${where}: ${message}`).join('; ');
    throw new SettingsError(
      'profiles',
      `has mistakes in profile ${name}: ${problems}`,
      'Mend the profile in the settings',
    );
  }
  return { kind: 'configured', name, profile: withDefaultSite(parsed.profile, settings) };
}

export function profileName(settings: SettingsReader): string {
  return textSetting(settings, 'profile') ?? SANDBOX_PROFILE;
}

/** The built-in one first, then as configured. */
export function profileNames(settings: SettingsReader): readonly string[] {
  return [
    SANDBOX_PROFILE,
    ...Object.keys(configuredProfiles(settings)).filter((name) => name !== SANDBOX_PROFILE),
  ];
}

/** The site of the settings wins over the profile's own. */
export function withDefaultSite(profile: Profile, settings: SettingsReader): Profile {
  const site = textSetting(settings, 'site');
  return site === undefined ? profile : { ...profile, defaultSite: site };
}

function configuredProfiles(settings: SettingsReader): Readonly<Record<string, unknown>> {
  const value = settings.get('profiles');
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
