import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { systemCode } from '../errors/systemCode.ts';
import { isObject } from '../wire/envelope.ts';
import { ProfileError } from './profileError.ts';
import type { ProfileSource, ProfileWish } from './resolveProfile.ts';

/** What a user's file of profiles holds. */
export interface ProfilesFile {
  readonly source: ProfileSource;
  /** Its `default`. */
  readonly wish: ProfileWish;
}

/** `$XDG_CONFIG_HOME/desc-panda/profiles.json`, which editor and command line share. */
export function profilesFilePath(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const config = env.XDG_CONFIG_HOME;
  // An XDG path that is not absolute is to be ignored.
  const base = config !== undefined && isAbsolute(config) ? config : join(home, '.config');
  return join(base, 'desc-panda', 'profiles.json');
}

/** Reads `{"default": name, "profiles": {name: profile}}`; one that is not there is empty. Rejects with ProfileError. */
export async function readProfilesFile(file: string): Promise<ProfilesFile> {
  const json = await readJson(file);
  const { profiles = {}, default: standard } = json;
  if (!isObject(profiles)) {
    throw new ProfileError(`${file} does not have the form {"profiles": {…}}.`, 'See docs/profiles.md');
  }
  if (standard !== undefined && typeof standard !== 'string') {
    throw new ProfileError(`“default” in ${file} is not the name of a profile.`, 'Mend it there');
  }
  return { source: { from: file, profiles }, wish: { name: standard, by: `“default” in ${file}` } };
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return {};
    const why = error instanceof Error ? error.message : String(error);
    throw new ProfileError(`The profiles cannot be read: ${why}.`, `Look at ${file}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ProfileError(`${file} is not JSON: ${why}.`, 'Mend it there, or move the file away');
  }
  if (!isObject(json)) {
    throw new ProfileError(`${file} does not have the form {"profiles": {…}}.`, 'See docs/profiles.md');
  }
  return json;
}
