import type { Store } from './store.ts';

/**
 * New PandaIDs. They begin at the second the store was made, so that after a reset none comes again that a client
 * may still remember.
 */
export function* newPandaIds(store: Store, now: number, count: number): Generator<number, never> {
  const first = take(store, 'nextPandaId', Math.floor(now / 1000), count);
  for (let id = first; ; id++) yield id;
}

/**
 * A new id of a task: for the same reason from a number that grows with time, and above 10,000,000, as clients take lower
 * numbers for ids of requests.
 */
export function newTaskId(store: Store, now: number): number {
  return take(store, 'nextTaskId', Math.floor(now / 10_000), 1);
}

function take(store: Store, setting: string, beginning: number, count: number): number {
  const known = store.setting(setting);
  const first = known === undefined ? beginning : Number(known);
  store.setSetting(setting, String(first + count));
  return first;
}
