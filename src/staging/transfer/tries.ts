import { setTimeout as wait } from 'node:timers/promises';
import type { StagingClock } from '../api.ts';
import { StagingError } from '../errors.ts';

const TRIES = 6;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 15_000;

export const systemStagingClock: StagingClock = {
  now: () => Date.now(),
  wait: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
};

export interface Patience {
  readonly clock: StagingClock;
  /** In [0, 1): waits differ, so that many do not come back at once. */
  readonly random: () => number;
}

/** Tries again, ever later, while the trouble may pass; what stays is the last error. */
export async function withTries<T>(
  { clock, random }: Patience,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (failures === TRIES || !(error instanceof StagingError) || !error.passing) throw error;
      const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
      await clock.wait(longest * (0.5 + random() / 2), signal);
    }
  }
}
