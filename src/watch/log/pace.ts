import type { Attention } from '../api.ts';

interface Circumstances {
  readonly attention: Attention;
  /** There is no file yet. */
  readonly waiting: boolean;
  /** Reads since the file grew. */
  readonly quietReads: number;
  /** Reads that failed in a row. */
  readonly failures: number;
  /** `[0, 1)`. */
  readonly jitter: number;
}

/** How long to wait before the next look for growth, ms: short while the log grows, up to 15 s when it is still. */
export function tailWait(now: Circumstances): number {
  if (now.failures > 0) return Math.min(60_000, 2_000 * 2 ** (now.failures - 1)) * (0.75 + now.jitter / 4);
  const shortest = now.attention === 'focused' ? 1_000 : 3_000;
  return Math.min(15_000, (now.waiting ? shortest * 2 : shortest) * 1.3 ** now.quietReads);
}

/** Time over which growth is averaged, ms. */
const span = 10_000;

/** How fast a file grows, over the last ten seconds or since the last look before. */
export class GrowthRate {
  #samples: { readonly time: number; readonly size: number }[] = [];

  /** Bytes per second, 0 while unknown. */
  get perSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.time <= first.time) return 0;
    return ((last.size - first.size) * 1000) / (last.time - first.time);
  }

  note(time: number, size: number): void {
    const last = this.#samples.at(-1);
    // The clock was set back, or the file began anew: what was seen before says nothing.
    if (last !== undefined && (time < last.time || size < last.size)) this.#samples = [];
    if (last?.time === time) this.#samples.pop();
    this.#samples.push({ time, size });
    while (this.#samples.length > 2 && (this.#samples[1]?.time ?? time) <= time - span) this.#samples.shift();
  }
}
