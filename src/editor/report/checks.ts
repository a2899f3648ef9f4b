import type { PandaClient, Profile } from '../../panda/index.ts';
import { formatDuration, plural, type Clock } from '../../watch/index.ts';
import { errorText } from '../errorText.ts';

/** One thing that has to work, and what came of trying it. */
export interface CheckResult {
  readonly title: string;
  readonly outcome: 'works' | 'fails' | 'notUsed';
  /** What was found, or what went wrong and, on a line of its own, what to do. */
  readonly finding: string;
}

interface Check {
  readonly title: string;
  readonly run: (signal: AbortSignal) => Promise<string | undefined>;
}

/** Tries everything a profile needs, one after the other, so that the first failure is the one to mend first. */
export async function runChecks(
  client: PandaClient,
  profile: Profile,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { title, run } of checksOf(client, profile, clock)) {
    signal.throwIfAborted();
    try {
      const finding = await run(signal);
      results.push({
        title,
        outcome: finding === undefined ? 'notUsed' : 'works',
        finding: finding ?? 'not used by this profile',
      });
    } catch (error) {
      signal.throwIfAborted();
      const text = errorText(error);
      results.push({
        title,
        outcome: 'fails',
        finding: [text?.message, text?.advice].filter(Boolean).join('\n→ '),
      });
    }
  }
  return results;
}

function checksOf(client: PandaClient, profile: Profile, clock: Pick<Clock, 'now'>): readonly Check[] {
  return [
    {
      title: 'Server',
      run: async (signal) => {
        const begun = clock.now();
        await client.system.isAlive({ signal });
        return `${profile.server} answers in ${clock.now() - begun} ms`;
      },
    },
    {
      title: 'Identity',
      run: async (signal) => {
        const types = await client.metaconfig.getResourceTypes({ signal });
        return `accepted; jobs are submitted for ${profile.user}, VO ${profile.vo} (${plural(types.length, 'resource type')} known)`;
      },
    },
    { title: 'Sites', run: (signal) => checkSites(client, profile, signal) },
    {
      title: 'Monitor',
      run: async (signal) => {
        if (client.monitor === undefined) return undefined;
        const begun = clock.now();
        await client.monitor.jobsOfUser(profile.user, { signal, limit: 1 });
        return `${profile.monitor ?? ''} answers in ${formatDuration(Math.max(1, clock.now() - begun))}`;
      },
    },
  ];
}

async function checkSites(client: PandaClient, profile: Profile, signal: AbortSignal): Promise<string> {
  const sites = await client.metaconfig.getSiteSpecs({ signal });
  const online = sites.filter(({ status }) => status === 'online').length;
  const all = `${plural(sites.length, 'site')}, ${online} online`;
  const { defaultSite } = profile;
  if (defaultSite === undefined) return `${all}; no default site, so each job has to name one`;
  const site = sites.find(({ name }) => name === defaultSite);
  return `${all}; the default, ${defaultSite}, ${site === undefined ? 'is not among them' : `is ${site.status}`}`;
}
