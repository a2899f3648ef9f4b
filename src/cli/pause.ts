import type { Clock } from '../watch/index.ts';

/** Resolves after `ms`; rejects when the signal is aborted. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = clock.after(ms, () => {
    resolve(undefined);
  });
  const abort = (): void => {
    reject(new DOMException('Interrupted', 'AbortError'));
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    await promise;
  } finally {
    timer.dispose();
    signal.removeEventListener('abort', abort);
  }
}
