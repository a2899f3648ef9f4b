import { DATE, LINKED_HASH_MAP } from './javaClasses.ts';
import type { StreamWriter } from './streamWriter.ts';
import { TC } from './typeCodes.ts';
import { HASH_LOAD_FACTOR, hashTableOf } from './values.ts';

/* Values that are written at once, byte by byte as their classes do: for answers that hold many. */

const LOAD_FACTOR = Buffer.alloc(4);
LOAD_FACTOR.writeFloatBE(HASH_LOAD_FACTOR, 0);

/** `at`: milliseconds since 1970. */
export function writeDate(writer: StreamWriter, at: number | null): void {
  if (at === null) return writer.value(null);
  const out = writer.begin(DATE);
  out.u8(TC.blockData);
  out.u8(8);
  out.whole64(Math.round(at));
  out.u8(TC.endBlockData);
}

/** Keeps the order of its entries; `entries` writes a key and a value for each of so many. */
export function writeLinkedHashMap(writer: StreamWriter, size: number, entries: () => void): void {
  const { buckets, threshold } = hashTableOf(size);
  const out = writer.begin(LINKED_HASH_MAP);
  out.put(LOAD_FACTOR);
  out.i32(threshold);
  out.u8(TC.blockData);
  out.u8(8);
  out.i32(buckets);
  out.i32(size);
  entries();
  out.u8(TC.endBlockData);
  // By insertion, not by access.
  out.u8(0);
}
