import { PandaError } from '../../panda/index.ts';
import type { FoundFile } from './fileLists.ts';

/** Bytes asked for at a time. */
const PIECE = 4 * 1024 * 1024;

/** A file whole, of at most `most` bytes. Rejects as the source does. */
export async function readJobFile({ session, file }: FoundFile, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    const { bytes, size } = await session.jobFiles.read(file, at, PIECE);
    pieces.push(bytes);
    at += bytes.length;
    if (at >= size) return Buffer.concat(pieces);
    if (bytes.length === 0 || size > most) {
      throw new PandaError({
        kind: 'protocol',
        tried: `read ${file.name}`,
        cameBack: size > most ? `it has ${size} bytes` : `only ${at} of ${size} bytes came`,
        advice: size > most ? 'Download it' : 'Open it again',
      });
    }
  }
}
