import type { CheckedFile } from './checker.ts';
import { openFile } from './readBytes.ts';

/** More than any file that people write by hand, bytes. */
const MOST = 16 * 1024 * 1024;

/** The content of a file that is known to be small; of a larger one its first 16 MB. Rejects with a ReadError. */
export async function readWhole({ path, content }: CheckedFile, signal?: AbortSignal): Promise<Uint8Array> {
  if (content !== undefined) return content;
  const file = await openFile(path);
  try {
    return await file.head(MOST, signal);
  } finally {
    await file.close();
  }
}
