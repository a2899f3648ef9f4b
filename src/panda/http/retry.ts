import { setTimeout as sleep } from 'node:timers/promises';
import { PandaError } from '../errors/errors.ts';

/** The outside things that waiting needs; tests give their own. */
export interface RetryTools {
  /** In [0, 1). */
  readonly random: () => number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  readonly delay: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

export const realRetryTools: RetryTools = {
  random: Math.random,
  now: Date.now,
  delay: async (ms, signal) => {
    try {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      signal?.throwIfAborted();
    }
  },
};

const ATTEMPTS = 3;
const FIRST_WAIT_MS = 400;

/**
 * Runs a call again after trouble that passes, waiting longer each time, by a random part so that many clients do not
 * come back together. `reads` are repeated whenever no answer came; anything else only when nothing was sent.
 */
export async function withRetries<T>(
  reads: boolean,
  tools: RetryTools,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === ATTEMPTS || !mayRepeat(error, reads)) {
        throw error;
      }
    }
    const longest = FIRST_WAIT_MS * 3 ** (attempt - 1);
    await tools.delay(longest * (0.5 + tools.random() / 2), signal);
  }
}

/** Trouble that passes and whose repeat is harmless. A slow server is not asked again: that would make it slower. */
function mayRepeat(error: unknown, reads: boolean): boolean {
  return error instanceof PandaError && error.passing && (reads || !error.mayHaveActed);
}
