import { dirname, join, resolve } from 'node:path';
import { profilesFilePath, readProfilesFile, readSetupScript, variablesOf } from '../panda/index.ts';
import type { ProfileInputs, ProfileWish } from '../panda/index.ts';
import { defaultDataHome } from '../sandbox/index.ts';
import type { CliIo } from './io.ts';

/** What of a call decides which profile is used. */
export interface ProfileOptions {
  /** Of `--profile`. */
  readonly profile: string | undefined;
  /** Of `--setup`. */
  readonly setup: string | undefined;
  /** Absolute path of the sandbox's folder, where that is the profile; undefined: the usual one. */
  readonly sandboxFolder?: string | undefined;
}

/** Where submissions are noted down: shared with the editor, so that each finds what the other left. */
export function journalFolder({ env, home }: Pick<CliIo, 'env' | 'home'>): string {
  return join(dirname(defaultDataHome(env, home)), 'submissions');
}

/** Where tasks are noted down, for the editor too. */
export function taskJournalFolder({ env, home }: Pick<CliIo, 'env' | 'home'>): string {
  return join(dirname(defaultDataHome(env, home)), 'tasks');
}

/** Where logs that came as tarballs are kept, for the editor too. */
export function logsFolder({ env, home }: Pick<CliIo, 'env' | 'home'>): string {
  return join(dirname(defaultDataHome(env, home)), 'logs');
}

/** Where running daemons of this user are noted, for the editor. */
export function daemonsFolder({ env, home }: Pick<CliIo, 'env' | 'home'>): string {
  return join(dirname(defaultDataHome(env, home)), 'daemons');
}

/** Where answers of monitors are kept, for the editor too. */
export function monitorFolder({ env, home }: Pick<CliIo, 'env' | 'home'>): string {
  return join(dirname(defaultDataHome(env, home)), 'monitor');
}

/**
 * Everything that decides the profile: the option, what is submitted, the variable, the file's `default`; and the
 * set-up script, which is run. Rejects with ProfileError.
 */
export async function readProfileInputs(
  { profile, setup }: ProfileOptions,
  wanted: ProfileWish | undefined,
  io: CliIo,
): Promise<ProfileInputs> {
  const { env, home, userName: user, userId } = io;
  const { source, wish } = await readProfilesFile(profilesFilePath(env, home));
  const script =
    setup === undefined
      ? undefined
      : await readSetupScript(resolve(io.cwd, setup), { env, signal: io.signal });
  const variables = variablesOf(env, script);
  return {
    wishes: [
      { name: profile, by: '--profile' },
      ...(wanted === undefined ? [] : [wanted]),
      { name: variables.get('DESC_PANDA_PROFILE'), by: 'DESC_PANDA_PROFILE' },
      wish,
    ],
    own: [source],
    variables,
    user,
    home,
    userId,
  };
}
