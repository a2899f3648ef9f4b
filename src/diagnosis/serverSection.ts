import { plural } from '../watch/index.ts';
import { ok, warning } from './check.ts';
import type { Finding, Step, Surroundings } from './check.ts';
import { routeSteps } from './route.ts';
import type { Subject } from './subject.ts';

export const CA_IN_PROFILE = 'caFile in the profile';

/** The way to the server, and whether it is PanDA. */
export function serverSteps(subject: Subject, surroundings: Surroundings): readonly Step[] {
  const { client, profile, resolved } = subject;
  const url = `${profile.server}/api/v1/system/is_alive`;
  const { values } = resolved;
  return [
    ...routeSteps({ url, profile, values, wantsData: true, whereToNameIt: CA_IN_PROFILE }, surroundings),
    {
      name: 'API',
      tried: 'get a sign of life',
      run: async (signal) => {
        await client.system.isAlive({ signal });
        return ok(`${profile.server} answers as PanDA`);
      },
    },
    {
      name: 'sites',
      tried: 'get the list of sites',
      run: (signal) => checkSites(subject, signal),
      isOptional: true,
    },
  ];
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
