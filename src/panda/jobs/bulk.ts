import type { BulkOptions } from '../api.ts';

/** Calls of one bulk operation that are under way at a time: a real server gains from four, and no more. */
export const PARALLEL_CALLS = 4;

/** Cuts a list into pieces of at most `size` items; `splits` may ask for a cut between two neighbours. */
export function chunksOf<T>(
  items: readonly T[],
  size: number,
  splits: (before: T, after: T) => boolean = () => false,
): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  let current: T[] = [];
  for (const item of items) {
    const last = current.at(-1);
    if (current.length > 0 && (current.length >= size || (last !== undefined && splits(last, item)))) {
      chunks.push(current);
      current = [];
    }
    current.push(item);
  }
  return current.length === 0 ? chunks : [...chunks, current];
}

/**
 * Works on all chunks, a few at a time, and joins the results in order. The first failure stops the rest and rejects,
 * when the calls under way have ended.
 */
export async function inChunks<T, R>(
  chunks: readonly (readonly T[])[],
  options: BulkOptions,
  work: (chunk: readonly T[], signal: AbortSignal) => Promise<readonly R[]>,
): Promise<R[]> {
  options.signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const results: (readonly R[])[] = [];
  let done = 0;
  let failure: { readonly error: unknown } | undefined;
  try {
    await forEachParallel(chunks, async (chunk, index) => {
      if (stop.signal.aborted) {
        return;
      }
      try {
        results[index] = await work(chunk, stop.signal);
        done += chunk.length;
        options.onProgress?.(done, total);
      } catch (error) {
        failure ??= { error };
        stop.abort();
      }
    });
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
  options.signal?.throwIfAborted();
  if (failure !== undefined) {
    throw failure.error;
  }
  return results.flat();
}

/** Calls `work` for every item, `PARALLEL_CALLS` at a time, beginning in order. */
export async function forEachParallel<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_CALLS, items.length) }, worker));
}
