import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { parseProfile } from '../panda/index.ts';
import type { Profile } from '../panda/index.ts';
import { defaultDataHome } from '../sandbox/index.ts';
import { nearMatches } from '../watch/index.ts';
import type { CliIo } from './io.ts';
import { UsageError } from './usageError.ts';

export const SANDBOX = 'sandbox';

type Surroundings = Pick<CliIo, 'env' | 'home' | 'userName'>;

/** The profile that was chosen, with where each part of it comes from. The sandbox has no profile before it runs. */
export interface ChosenProfile {
  readonly name: string;
  /** Who chose it: `--profile`, `DESC_PANDA_PROFILE`, … */
  readonly chosenBy: string;
  /** Undefined for the sandbox. */
  readonly profile: Profile | undefined;
  /** Fields written in the profiles file; the others have their defaults. */
  readonly written: readonly string[];
}

/** `$XDG_CONFIG_HOME/desc-panda/profiles.json`. */
export function profilesFile({ env, home }: Pick<CliIo, 'env' | 'home'>): string {
  const config = env.XDG_CONFIG_HOME;
  // An XDG path that is not absolute is to be ignored.
  const base = config !== undefined && isAbsolute(config) ? config : join(home, '.config');
  return join(base, 'desc-panda', 'profiles.json');
}

/** Where submissions are noted down: shared with the editor, so that each finds what the other left. */
export function journalFolder({ env, home }: Pick<CliIo, 'env' | 'home'>): string {
  return join(dirname(defaultDataHome(env, home)), 'submissions');
}

/**
 * Chooses the profile: option, what is submitted, variable, the file's `default`, else the sandbox. Rejects with a
 * UsageError.
 */
export async function chooseProfile(
  option: string | undefined,
  surroundings: Surroundings,
  wanted?: { readonly name: string; readonly by: string },
): Promise<ChosenProfile> {
  const file = profilesFile(surroundings);
  const { profiles, standard } = await readProfiles(file);
  const variable = surroundings.env.DESC_PANDA_PROFILE;
  const choices: readonly (readonly [name: string | undefined, chosenBy: string])[] = [
    [option, '--profile'],
    [wanted?.name, wanted?.by ?? ''],
    [variable === '' ? undefined : variable, 'DESC_PANDA_PROFILE'],
    [standard, `“default” in ${file}`],
    [SANDBOX, 'built in'],
  ];
  const [name = SANDBOX, chosenBy = ''] = choices.find(([candidate]) => candidate !== undefined) ?? [];
  if (name === SANDBOX) return { name, chosenBy, profile: undefined, written: [] };
  const written = profiles[name];
  if (written === undefined) throw unknownProfile(name, chosenBy, Object.keys(profiles), file);
  const parsed = parseProfile(name, written, {
    variables: surroundings.env,
    user: surroundings.userName,
  });
  if (parsed.kind === 'problems') {
    const problems = parsed.problems.map(({ where, message }) => `${where} ${message}`).join('; ');
    throw new UsageError(`Profile ${name} cannot be used: ${problems}.`, `Mend it in ${file}`);
  }
  return { name, chosenBy, profile: parsed.profile, written: isObject(written) ? Object.keys(written) : [] };
}

async function readProfiles(
  file: string,
): Promise<{ profiles: Readonly<Record<string, unknown>>; standard: string | undefined }> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { profiles: {}, standard: undefined };
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The profiles cannot be read: ${why}.`, `Look at ${file}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} is not JSON: ${why}.`, 'Mend it there, or move the file away');
  }
  if (!isObject(json) || !isObject(json.profiles ?? {})) {
    throw new UsageError(`${file} does not have the form {"profiles": {…}}.`, 'See docs/cli.md');
  }
  const { profiles, default: standard } = json;
  if (standard !== undefined && typeof standard !== 'string') {
    throw new UsageError(`“default” in ${file} is not the name of a profile.`, 'Mend it there');
  }
  return { profiles: isObject(profiles) ? profiles : {}, standard };
}

function unknownProfile(name: string, by: string, names: readonly string[], file: string): UsageError {
  const known = [SANDBOX, ...names];
  const near = nearMatches(name, known);
  const advice =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}`
      : `Use one of ${known.join(', ')}, or add it to ${file}`;
  return new UsageError(`There is no profile ${name} (${by}).`, advice);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
