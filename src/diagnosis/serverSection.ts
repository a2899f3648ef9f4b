import { createPandaClient } from '../panda/index.ts';
import type { Profile } from '../panda/index.ts';
import { plural } from '../watch/index.ts';
import { ok, warning } from './check.ts';
import type { Finding, Step, Surroundings } from './check.ts';
import { routeSteps, withUsableCertificate } from './route.ts';
import type { Subject } from './subject.ts';

export const CA_IN_PROFILE = 'caFile in the profile';

/** The way to the server, and whether it is PanDA. */
export function serverSteps(
  { profile, resolved: { values } }: Subject,
  surroundings: Surroundings,
): readonly Step[] {
  const url = `${profile.server}/api/v1/system/is_alive`;
  return [
    ...routeSteps({ url, profile, values, wantsData: true, whereToNameIt: CA_IN_PROFILE }, surroundings),
    { name: 'API', tried: 'get a sign of life', run: (signal) => askForLife(profile, surroundings, signal) },
  ];
}

/** Without a token: whether there is one, and whether it is taken, is another question. */
async function askForLife(
  profile: Profile,
  { now, userAgent }: Surroundings,
  signal: AbortSignal,
): Promise<Finding> {
  const client = createPandaClient(await withUsableCertificate(profile, now), { now, userAgent });
  try {
    await client.system.isAlive({ signal });
    return ok(`${profile.server} answers as PanDA`);
  } finally {
    client.dispose();
  }
}

/** What the server takes jobs for. */
export function sitesSteps(subject: Subject): readonly Step[] {
  return [{ name: 'list', tried: 'get the list of sites', run: (signal) => checkSites(subject, signal) }];
}

async function checkSites({ client, profile }: Subject, signal: AbortSignal): Promise<Finding> {
  const sites = await client.metaconfig.getSiteSpecs({ signal });
  const online = sites.filter(({ status }) => status === 'online').length;
  const { defaultSite } = profile;
  const own = sites.find(({ name }) => name === defaultSite);
  const detail = `${plural(sites.length, 'site')}, ${online} online`;
  if (defaultSite === undefined)
    return ok(`${detail}; the profile names no default site, so that each job has to`);
  if (own?.status === 'online') return ok(`${detail}; ${own.name}, the default, is online`);
  const trouble = own === undefined ? 'is not there' : `is ${own.status}`;
  return warning(
    `${detail}; ${defaultSite}, the default, ${trouble}`,
    'Choose another site for jobs, or change “site” in the profile',
  );
}
