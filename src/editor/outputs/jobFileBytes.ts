import type { ByteSource } from '../fits/reader/index.ts';
import type { FoundFile } from './fileLists.ts';

/** A job's file as bytes to be read by ranges. Rejects as the source does. */
export async function jobFileBytes({ session, file }: FoundFile, signal: AbortSignal): Promise<ByteSource> {
  const { size } = await session.jobFiles.read(file, 0, 1, { signal });
  return {
    size,
    read: async (from, length) =>
      from >= size ? new Uint8Array() : (await session.jobFiles.read(file, from, length, { signal })).bytes,
  };
}
