import type { SiteOptions, Sites } from '../sites.ts';
import type { TaskParameterMap } from '../store/tasks.ts';

/** Queues that take jobs of tasks. */
const OPEN: readonly string[] = ['online', 'test'];

/** The queue for the jobs of a task, or why there is none. `asked`: the one that was asked for, null for any. */
export function chooseSite(
  sites: Sites,
  asked: string | null,
  parameters: TaskParameterMap,
): SiteOptions | string {
  if (asked !== null) {
    const site = sites.get(asked);
    if (site === undefined) return `no candidates: there is no queue ${asked}`;
    return OPEN.includes(site.status) ? site : `no candidates: the queue ${asked} is ${site.status}`;
  }
  const included = names(parameters.includedSite);
  const excluded = names(parameters.excludedSite);
  const found = sites.queues
    .map(({ sitename }) => sites.get(sitename))
    .find(
      (site) =>
        site?.status === 'online' &&
        (included.length === 0 || included.includes(site.name)) &&
        !excluded.includes(site.name),
    );
  return found ?? 'no candidates: no queue that is online may be used';
}

function names(given: unknown): readonly unknown[] {
  if (typeof given === 'string') return given.split(',');
  return Array.isArray(given) ? given : [];
}
