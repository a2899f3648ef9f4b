import type { Profile, StagingSettings } from '../panda/index.ts';
import {
  areaDate,
  areaPrefix,
  describeCredentials,
  isAwsItself,
  stagingEndpoint,
  StagingError,
  userSegment,
} from '../staging/index.ts';
import type { StagingStore } from '../staging/index.ts';
import { formatDuration } from '../watch/index.ts';
import { failed, ok, warning, within } from './check.ts';
import type { Finding, Step, Surroundings } from './check.ts';
import { routeSteps } from './route.ts';
import type { Subject } from './subject.ts';

type S3Settings = Extract<StagingSettings, { kind: 's3' }>;

/** Where files of jobs are staged: the way there, who we are there, and whether a file can be put, read and removed. */
export function stagingSteps(subject: Subject, surroundings: Surroundings): readonly Step[] {
  const { profile, stores } = subject;
  const { staging } = profile;
  if (staging === undefined) {
    return [
      { name: 'place', tried: '', run: () => ok('the profile names none: jobs have what the cache takes') },
    ];
  }
  const store = stores.open(staging);
  const { now, random, limits } = surroundings;
  const id = `check-${Math.floor(random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0')}`;
  const area = { user: userSegment(profile.user), date: areaDate(now()), submissionId: id };
  const key = `${areaPrefix(area)}probe`;
  const probe: Step = {
    name: 'probe',
    tried: `put ${key}, read it back and remove it`,
    run: async (signal) => within(limits.answer, signal, (both) => tryOut(store, key, both)),
  };
  if (staging.kind === 'folder') return [probe];
  return [
    ...routeSteps(routeTo(staging, subject), surroundings),
    {
      name: 'keys',
      tried: 'look for keys',
      run: async (signal) => within(limits.answer, signal, () => checkKeys(staging, subject, now())),
    },
    {
      name: 'bucket',
      tried: `list files of ${area.user} in ${store.describe()}`,
      run: async (signal) => within(limits.answer, signal, (both) => listSome(store, area.user, both)),
    },
    probe,
  ];
}

function routeTo(staging: S3Settings, { profile, resolved }: Subject): Parameters<typeof routeSteps>[0] {
  const connection: Profile = {
    ...profile,
    caFile: staging.caFile,
    verifyHost: true,
    authentication: { kind: 'none' },
  };
  return {
    url: `${stagingEndpoint(staging)}/`,
    profile: connection,
    values: resolved.values,
    wantsData: true,
    // Without keys a store says no, in its own way; AWS shows its advertisement.
    alsoGood: [400, 403, 404, 405, ...(isAwsItself(staging) ? [301, 302, 307] : [])],
    whereToNameIt: 'caFile in “staging” of the profile',
    neverProxied: 'files are staged without one',
  };
}

async function checkKeys(staging: S3Settings, { stagingKeys }: Subject, now: number): Promise<Finding> {
  const { from, endsAt } = await describeCredentials(staging, stagingKeys);
  if (endsAt === undefined) return ok(`from ${from}`);
  const detail = `from ${from}, good for ${formatDuration(endsAt - now)}`;
  if (endsAt <= now)
    return failed(`from ${from}, but they have ended`, 'Sign in anew (aws sso login, or fresh keys)');
  return endsAt - now < SOON
    ? warning(detail, 'Sign in anew before (aws sso login, or fresh keys)')
    : ok(detail);
}

/** Keys that end sooner are worth a word, ms: URLs that they sign end with them. */
const SOON = 3_600_000;

async function listSome(store: StagingStore, user: string, signal: AbortSignal): Promise<Finding> {
  try {
    for await (const { modified } of store.list(`${user}/`, { signal })) {
      return ok(`${store.describe()} has files of ${user}, one of ${areaDate(modified)}`);
    }
    return ok(`${store.describe()} answers; nothing of ${user} is there`);
  } catch (error) {
    if (!(error instanceof StagingError) || error.kind !== 'denied') throw error;
    return warning(
      `${error.message} Old files are then neither shown nor cleaned`,
      `${error.advice}: to list it, too`,
    );
  }
}

const CONTENT = Buffer.from('desc-panda looked whether it can write here\n');

/** The name is nobody else's, and what may be left of it lies where old files are cleaned. */
async function tryOut(store: StagingStore, key: string, signal: AbortSignal): Promise<Finding> {
  await store.put(key, CONTENT, { signal });
  let read: Uint8Array;
  try {
    ({ bytes: read } = await store.readRange(key, 0, CONTENT.length, { signal }));
  } catch (error) {
    await store.remove([key], { signal }).catch(() => undefined);
    throw error;
  }
  const left = await store.remove([key], { signal }).then(
    () => undefined,
    (error: unknown) => (error instanceof StagingError ? error : new Error(String(error))),
  );
  if (!CONTENT.equals(read)) {
    return failed(
      `${store.describe()} gave other bytes back than were put`,
      'Tell the operators of the store',
    );
  }
  if (left !== undefined) {
    return warning(
      `a file can be put and read, but not removed: ${left.message} ${key} is left`,
      'Ask for the right to remove files, or have old ones cleaned by the store',
    );
  }
  return ok(`a file of ${CONTENT.length} bytes was put, read and removed`);
}
