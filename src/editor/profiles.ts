import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ProfileError,
  profilesFilePath,
  readProfilesFile,
  readSetupScript,
  resolveProfile,
  variablesOf,
  type ProfileInputs,
  type ProfileSource,
  type ResolvedProfile,
  type SetupVariables,
} from '../panda/index.ts';
import { SETTINGS_SECTION } from './contributions.ts';
import { textSetting, type SettingsReader } from './settings.ts';

export interface ProfilesDeps {
  readonly settings: SettingsReader;
  /** The environment of the editor. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Name of the user at this machine. */
  readonly user: string;
  readonly home: string;
  readonly userId: number | undefined;
}

/** Which profile is in use, from settings, the file of profiles, the environment and the set-up script. */
export interface Profiles {
  /** Everything that decides. Rejects with ProfileError. */
  inputs(signal?: AbortSignal): Promise<ProfileInputs>;
  /** The profile in use as things are now. Rejects with ProfileError. */
  resolve(signal?: AbortSignal): Promise<ResolvedProfile>;
  /** What `resolve` gave the last time; undefined before, and where nothing could be used. */
  readonly last: ResolvedProfile | undefined;
}

export function createProfiles(deps: ProfilesDeps): Profiles {
  const { settings, variables, user, home, userId } = deps;
  const setup = rememberedSetup(deps);
  let last: ResolvedProfile | undefined;
  const inputs = async (signal?: AbortSignal): Promise<ProfileInputs> => {
    const { source, wish } = await readProfilesFile(profilesFilePath(variables, home));
    const known = variablesOf(variables, await setup(signal));
    const site = textSetting(settings, 'site');
    return {
      wishes: [
        { name: textSetting(settings, 'profile'), by: `${SETTINGS_SECTION}.profile` },
        { name: known.get('DESC_PANDA_PROFILE'), by: 'DESC_PANDA_PROFILE' },
        wish,
      ],
      own: [settingsSource(settings), source],
      ...(site === undefined ? {} : { site: { value: site, from: `${SETTINGS_SECTION}.site` } }),
      variables: known,
      user,
      home,
      userId,
    };
  };
  return {
    inputs,
    async resolve(signal) {
      last = undefined;
      last = resolveProfile(await inputs(signal));
      return last;
    },
    get last() {
      return last;
    },
  };
}

/** The name of the profile in use, for a sentence, also where it cannot be used. */
export async function nameInUse(profiles: Profiles): Promise<string> {
  try {
    return (await profiles.resolve()).name;
  } catch (error) {
    if (error instanceof ProfileError) return 'a profile that cannot be used';
    throw error;
  }
}

function settingsSource(settings: SettingsReader): ProfileSource {
  const value = settings.get('profiles');
  const profiles = typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  return { from: `${SETTINGS_SECTION}.profiles`, profiles };
}

/** The variables of the set-up script, which is run again only when it was changed. */
function rememberedSetup({
  settings,
  variables,
  home,
}: ProfilesDeps): (signal?: AbortSignal) => Promise<SetupVariables | undefined> {
  let known: { readonly key: string; readonly setup: SetupVariables } | undefined;
  return async (signal) => {
    const written = textSetting(settings, 'setupScript');
    if (written === undefined) return undefined;
    const file = written.startsWith('~/') ? join(home, written.slice(2)) : written;
    const changed = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    const key = `${file} ${changed}`;
    if (known?.key === key) return known.setup;
    const setup = await readSetupScript(file, { env: variables, signal });
    // One that has set nothing may do so once what it needs is there, as a file system.
    if (Object.keys(setup.exported).length > 0) known = { key, setup };
    return setup;
  };
}
