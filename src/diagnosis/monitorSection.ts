import { plural } from '../watch/index.ts';
import { ok, warning } from './check.ts';
import type { Step, Surroundings } from './check.ts';
import { routeSteps } from './route.ts';
import { CA_IN_PROFILE } from './serverSection.ts';
import type { Subject } from './subject.ts';

/** The way to the monitor, and whether it answers with data. */
export function monitorSteps(subject: Subject, surroundings: Surroundings): readonly Step[] {
  const { client, profile, resolved } = subject;
  const { monitor } = client;
  if (monitor === undefined || profile.monitor === undefined) return [NONE];
  const hop = { url: `${profile.monitor}/`, wantsData: false, mayAskWho: true };
  return [
    ...(new URL(profile.monitor).origin === new URL(profile.server).origin
      ? [sameAsServer]
      : routeSteps({ ...hop, profile, values: resolved.values, whereToNameIt: CA_IN_PROFILE }, surroundings)),
    {
      name: 'data',
      tried: `list jobs of ${profile.user}`,
      run: async (signal) => {
        const jobs = await monitor.jobsOfUser(profile.user, { days: 1, limit: 10, signal });
        const some = jobs.length === 10 ? '10 or more jobs' : plural(jobs.length, 'job');
        return ok(`${some} of ${profile.user} since yesterday`);
      },
    },
  ];
}

export const sameAsServer: Step = {
  name: 'way',
  tried: '',
  run: () => ok('as to the server, which it is at'),
};

const NONE: Step = {
  name: 'address',
  tried: '',
  run: () =>
    warning(
      'the profile names none: jobs submitted elsewhere are not listed, and lost answers not cleared up',
      'Add “monitor” to the profile',
    ),
};
