import type { StagingOptions, StagingStore } from '../api.ts';
import { inParallel } from './parallel.ts';

/** From so many files on, one look at what is there is cheaper than one for each. */
const WORTH_A_LISTING = 20;
/** A listing has a thousand keys a page: beyond so many more than our files, single looks are cheaper. */
const LISTED_PER_FILE = 50;
const LOOKS_AT_A_TIME = 24;

/** Says the size of what is under a key; undefined where there is nothing. */
export type SizeThere = (key: string, options?: StagingOptions) => Promise<number | undefined>;

/** A way to look for `count` keys below a prefix: by one listing where that is cheaper. */
export async function sizesBelow(
  store: StagingStore,
  prefix: string,
  count: number,
  options: StagingOptions,
): Promise<SizeThere> {
  const sizes = new Map<string, number>();
  const look: SizeThere = async (key, each) => sizes.get(key) ?? (await store.head(key, each))?.size;
  if (count < WORTH_A_LISTING) return look;
  for await (const { key, size } of store.list(prefix, options)) {
    if (sizes.size >= count * LISTED_PER_FILE) return look;
    sizes.set(key, size);
  }
  return (key) => Promise.resolve(sizes.get(key));
}

/** Those of some objects below a prefix that are not there, or are of another size. */
export async function missingObjects<Wanted extends { readonly key: string; readonly size: number }>(
  store: StagingStore,
  prefix: string,
  wanted: readonly Wanted[],
  options: StagingOptions = {},
): Promise<readonly Wanted[]> {
  const sizeThere = await sizesBelow(store, prefix, wanted.length, options);
  const sizes = await inParallel(wanted, LOOKS_AT_A_TIME, options.signal, ({ key }, signal) =>
    sizeThere(key, { signal }),
  );
  return wanted.filter(({ size }, index) => sizes[index] !== size);
}
