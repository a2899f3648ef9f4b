import { join } from 'node:path';
import type { Profile } from '../../panda/index.ts';

/** The profile with its files staged below a folder of the place that it names; as it is where it names none. */
export function stageBelow(profile: Profile, folder: string | undefined): Profile {
  const { staging } = profile;
  if (folder === undefined || staging === undefined) return profile;
  if (staging.kind === 'folder') {
    return { ...profile, staging: { ...staging, folder: join(staging.folder, folder) } };
  }
  const above = staging.prefix?.replace(/\/+$/u, '') ?? '';
  return { ...profile, staging: { ...staging, prefix: above === '' ? folder : `${above}/${folder}` } };
}
