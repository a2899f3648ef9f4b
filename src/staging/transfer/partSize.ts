const MiB = 1024 * 1024;
/** One less than S3's 10,000. */
const MOST_PARTS = 9_999;

/** Bytes of the parts of an upload: 8 MiB, more for files that would have too many. */
export function partSizeFor(size: number): number {
  return Math.max(8 * MiB, Math.ceil(size / MOST_PARTS / MiB) * MiB);
}
