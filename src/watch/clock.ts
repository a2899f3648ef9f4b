import type { Clock } from './api.ts';
import { toDisposable } from './disposable.ts';

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return toDisposable(() => clearTimeout(timer));
  },
};

/** Resolves after `ms`, at once for 0; rejects with an AbortError. */
export async function waitFor(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (ms <= 0) return;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = clock.after(ms, () => {
    resolve(undefined);
  });
  const abort = (): void => {
    reject(new DOMException('The operation was aborted.', 'AbortError'));
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await promise;
  } finally {
    timer.dispose();
    signal?.removeEventListener('abort', abort);
  }
}
