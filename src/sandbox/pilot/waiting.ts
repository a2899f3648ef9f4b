import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Resolves after `ms`, or earlier when the signal aborts. */
export async function pause(ms: number, until: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal: until });
  } catch (error) {
    if (!until.aborted) throw error;
  }
}
