import { createReadStream } from 'node:fs';
import { adler32, formatAdler32 } from '../../panda/index.ts';

/** Checksum of a file as PanDA writes it: eight hexadecimal digits. */
export async function adler32OfFile(path: string): Promise<string> {
  let sum = 1;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    sum = adler32(chunk, sum);
  }
  return formatAdler32(sum);
}
