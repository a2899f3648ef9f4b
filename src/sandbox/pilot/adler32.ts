import { createReadStream } from 'node:fs';

const MODULUS = 65_521;
/** Bytes that can be added before the sums must be reduced to stay below 2^32. */
const RUN = 5552;

/** Continues an adler32 checksum (1 for a start) over more bytes. */
export function adler32(bytes: Uint8Array, before = 1): number {
  let a = before & 0xffff;
  let b = before >>> 16;
  for (let start = 0; start < bytes.length; start += RUN) {
    const end = Math.min(start + RUN, bytes.length);
    for (let index = start; index < end; index += 1) {
      a += bytes[index] ?? 0;
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}

/** Checksum of a file as PanDA writes it: eight hexadecimal digits. */
export async function adler32OfFile(path: string): Promise<string> {
  let sum = 1;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    sum = adler32(chunk, sum);
  }
  return sum.toString(16).padStart(8, '0');
}
