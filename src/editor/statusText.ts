import { isFinal, type StateCounts } from '../panda/index.ts';
import { formatCount } from '../watch/index.ts';

/** `PanDA $(play) 3 $(clock) 40 $(error) 2`, with what there is none of left out. */
export function statusText(counts: StateCounts): string {
  let running = 0;
  let waiting = 0;
  for (const [state, count] of Object.entries(counts)) {
    if (state === 'running') running += count;
    else if (!isFinal(state)) waiting += count;
  }
  const parts: readonly (readonly [string, number])[] = [
    ['play', running],
    ['clock', waiting],
    ['error', counts.failed ?? 0],
  ];
  const shown = parts
    .filter(([, count]) => count > 0)
    .map(([icon, count]) => `$(${icon}) ${formatCount(count)}`);
  return ['PanDA', ...(shown.length > 0 ? shown : ['$(check)'])].join(' ');
}
