import * as vscode from 'vscode';
import { listProfiles, resolveProfile, type Profile, type StagingSettings } from '../../panda/index.ts';
import { openStagingStore, StagingError, userSegment } from '../../staging/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { RestrictedError } from '../sessions.ts';
import { withNotification } from '../vscode/progress.ts';
import { confirm, pickOne } from '../vscode/prompts.ts';
import { askForKeys } from './askForKeys.ts';
import type { StagingCredentials, StagingKeys } from './credentials.ts';

/** A profile whose files are staged in a bucket. */
interface BucketProfile {
  readonly profile: Profile;
  readonly staging: StagingSettings & { readonly kind: 's3' };
}

/** "Set staging credentials": asks for the keys, tries them, and keeps them in the secret storage. */
export async function setCredentials(parts: Parts, credentials: StagingCredentials): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new RestrictedError();
  const chosen = await pickProfile(await bucketProfiles(parts), 'Set staging credentials');
  if (chosen === undefined) return;
  const { name } = chosen.profile;
  const keys = await askForKeys(name);
  if (keys === undefined) return;
  // A session knows better who somebody is to PanDA.
  const { current } = parts.sessions;
  const { user } = current?.profile.name === name ? current.profile : chosen.profile;
  const trouble = await withNotification('Trying the staging credentials', ({ signal }) =>
    tryKeys(chosen.staging, user, keys, signal),
  );
  if (trouble !== undefined) {
    const detail = `${trouble.message} ${trouble.advice}.`;
    if (!(await confirm('Keep these credentials all the same?', 'Keep', detail))) return;
  }
  await credentials.keep(name, keys);
  void vscode.window.setStatusBarMessage(`Kept the staging credentials of ${name}`, 3000);
}

/** "Forget staging credentials". */
export async function forgetCredentials(parts: Parts, credentials: StagingCredentials): Promise<void> {
  const kept: BucketProfile[] = [];
  for (const one of await bucketProfiles(parts)) {
    if ((await credentials.read(one.profile.name)) !== undefined) kept.push(one);
  }
  if (kept.length === 0) throw new NothingToDo('No staging credentials are kept.');
  const chosen = await pickProfile(kept, 'Forget staging credentials');
  if (chosen === undefined) return;
  const { name } = chosen.profile;
  await credentials.forget(name);
  void vscode.window.setStatusBarMessage(`Forgot the staging credentials of ${name}`, 3000);
}

/** The one in use first. */
async function bucketProfiles({ profiles }: Parts): Promise<readonly BucketProfile[]> {
  const inputs = await profiles.inputs();
  const used = profiles.last?.name;
  const names = listProfiles(inputs).map(({ name }) => name);
  const ordered = [...names.filter((name) => name === used), ...names.filter((name) => name !== used)];
  const found = ordered.flatMap((name): BucketProfile[] => {
    const profile = tryResolve(name, inputs);
    const staging = profile?.staging;
    return profile !== undefined && staging?.kind === 's3' ? [{ profile, staging }] : [];
  });
  if (found.length > 0) return found;
  throw new NothingToDo(
    'No profile stages files in a bucket, so there are no credentials to keep. Its “staging” says where: see the setting descPanda.profiles.',
  );
}

/** Another profile that cannot be used is not what this is about. */
function tryResolve(
  name: string,
  inputs: Awaited<ReturnType<Parts['profiles']['inputs']>>,
): Profile | undefined {
  try {
    return resolveProfile({ ...inputs, wishes: [{ name, by: 'its name' }] }).profile;
  } catch {
    return undefined;
  }
}

async function pickProfile(
  profiles: readonly BucketProfile[],
  title: string,
): Promise<BucketProfile | undefined> {
  const [only, ...others] = profiles;
  if (others.length === 0) return only;
  const choices = profiles.map((value) => ({
    label: value.profile.name,
    description: `bucket ${value.staging.bucket}${value.staging.endpoint === undefined ? '' : ` at ${value.staging.endpoint}`}`,
    value,
  }));
  return pickOne(choices, { title, placeHolder: 'Profile whose bucket they are for' });
}

/** Asks for the first of what the user has there; undefined where that works. */
async function tryKeys(
  staging: StagingSettings,
  user: string,
  keys: StagingKeys,
  signal: AbortSignal,
): Promise<StagingError | undefined> {
  const store = openStagingStore(staging, keys);
  try {
    const objects = store.list(`${userSegment(user)}/`, { signal })[Symbol.asyncIterator]();
    await objects.next();
    await objects.return?.();
    return undefined;
  } catch (error) {
    if (error instanceof StagingError) return error;
    throw error;
  } finally {
    store.dispose();
  }
}
