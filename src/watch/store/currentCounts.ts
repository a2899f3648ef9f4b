import type { StateCounts } from '../../panda/index.ts';
import type { JobStore } from '../api.ts';
import { isEarlierKey } from '../tasks/key.ts';

/** Jobs by state, without attempts of tasks that another one followed: a failure that was tried again is none. */
export function currentCounts(store: Pick<JobStore, 'counts' | 'groups'>): StateCounts {
  const earlier = store.groups('submission', '').filter(({ key }) => isEarlierKey(key));
  if (earlier.length === 0) return store.counts;
  const counts: Record<string, number> = { ...store.counts };
  for (const { states } of earlier) {
    for (const [state, count] of Object.entries(states)) {
      const left = (counts[state] ?? 0) - count;
      if (left > 0) counts[state] = left;
      else Reflect.deleteProperty(counts, state);
    }
  }
  return counts;
}
