import { ok } from './check.ts';
import type { Step, Surroundings } from './check.ts';
import { sameAsServer } from './monitorSection.ts';
import { routeSteps } from './route.ts';
import { CA_IN_PROFILE } from './serverSection.ts';
import type { Subject } from './subject.ts';

/** A name that nobody uses: the answer no is an answer. */
const PROBE = 'desc-panda-doctor';

/** Where payload scripts are put, through the server, and where jobs fetch them. */
export function cacheSteps(subject: Subject, surroundings: Surroundings): readonly Step[] {
  const { client, profile, resolved } = subject;
  const url = client.files.cacheUrl(PROBE);
  const options = { url, profile, values: resolved.values, wantsData: false, alsoGood: [404] };
  return [
    ...(new URL(profile.cache).origin === new URL(profile.server).origin
      ? [sameAsServer]
      : routeSteps({ ...options, whereToNameIt: CA_IN_PROFILE }, surroundings)),
    {
      name: 'put',
      tried: `ask for the file ${PROBE}, which nobody has`,
      run: async (signal) => {
        await client.files.touchCacheFile(PROBE, { signal });
        return ok(`files are put by ${profile.server}, and fetched from ${profile.cache}/cache/`);
      },
    },
  ];
}
