import { appendFileSync } from 'node:fs';
import type { Sample } from './usage.ts';

/** As prmon calls its table, which pilots leave beside their log. */
export const MEMORY_SERIES = 'memory_monitor_output.txt';

const HEADER = 'Time\twtime\tnprocs\trss\tvmem\tutime\n';
/** A line comes after a second at first, and never sooner than this share of the time since the start. */
const SHARE = 1 / 400;

/** Writes what a payload uses over time: seconds, kB, and seconds of all processors. `since`: epoch milliseconds. */
export function createMemorySeries(path: string, since: number): (sample: Sample, now: number) => void {
  let last: number | undefined;
  return ({ cpuSeconds, rssKB, virtualKB, processes }, now) => {
    const elapsed = Math.max(0, now - since);
    if (last !== undefined && now >= last && now - last < Math.max(1_000, elapsed * SHARE)) return;
    const values = [
      Math.round(now / 1000),
      Math.round(elapsed / 1000),
      processes,
      rssKB,
      virtualKB,
      cpuSeconds.toFixed(1),
    ];
    try {
      appendFileSync(path, `${last === undefined ? HEADER : ''}${values.join('\t')}\n`, { mode: 0o600 });
    } catch {
      // No space for it: the payload's own end says so too.
    }
    last = now;
  };
}
