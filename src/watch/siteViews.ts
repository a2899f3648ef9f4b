import type { SiteSpec, StateCounts } from '../panda/index.ts';
import type { JobStore, SiteView } from './api.ts';

const none: StateCounts = {};

/**
 * Each site with everybody's active jobs (`statistics`, by site; empty while unknown) and mine from the store, in the
 * order of `specs`.
 */
export function siteViews(
  specs: readonly SiteSpec[],
  statistics: Readonly<Record<string, StateCounts>>,
  store: Pick<JobStore, 'groups'>,
): readonly SiteView[] {
  const mine = new Map(store.groups('site', '').map((group) => [group.key, group.states]));
  return specs.map((spec) => ({
    spec,
    everybody: (Object.hasOwn(statistics, spec.name) ? statistics[spec.name] : undefined) ?? none,
    mine: mine.get(spec.name) ?? none,
  }));
}
