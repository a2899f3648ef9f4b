import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a probe finds something (not undefined, not false) and returns that. After `timeoutMs` it fails, naming
 * what was waited for and what `seen` says was there instead.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  options: { readonly timeoutMs?: number; readonly seen?: () => Promise<string> } = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) break;
    await sleep(100);
  }
  const seen = options.seen === undefined ? '' : `; there was:\n${await options.seen()}`;
  throw new Error(`Waited ${timeoutMs / 1000} s for ${what}${seen}`);
}
