import type { FileHandle } from 'node:fs/promises';

/** One line of the index: offset and length as eleven digits each, with a blank between them and a newline. */
const LINE_BYTES = 24;
const DIGITS = 11;
/** The wrapper takes no manifest longer than this, bytes. */
const LONGEST_MANIFEST = 99_999_999;
/** Written at a time, bytes. */
const BLOCK_BYTES = 1024 * 1024;

/**
 * Writes the manifests of a submission into an open, empty file, as jobs read theirs by its number: first an index of
 * `count` lines of 24 bytes, line N (from 1) with offset and length in bytes of manifest N, then the manifests. Keeps a
 * few megabytes in memory, whatever their number. Returns the bytes written.
 *
 * Rejects with `RangeError` where there are not exactly `count` texts, or one is empty or far too long; what was written
 * until then is of no use.
 */
export async function packManifests(
  texts: Iterable<string> | AsyncIterable<string>,
  count: number,
  file: Pick<FileHandle, 'write'>,
): Promise<number> {
  const index = createWriter(file, 0);
  const manifests = createWriter(file, count * LINE_BYTES);
  let packed = 0;
  for await (const text of texts) {
    const bytes = Buffer.from(text);
    packed += 1;
    if (packed > count) break;
    if (bytes.length === 0 || bytes.length > LONGEST_MANIFEST) {
      throw new RangeError(`manifest ${packed} has ${bytes.length} bytes`);
    }
    await index.write(Buffer.from(`${digits(manifests.position())} ${digits(bytes.length)}\n`));
    await manifests.write(bytes);
  }
  if (packed !== count) {
    throw new RangeError(`${count} manifests were announced, ${packed > count ? 'more' : packed} came`);
  }
  await manifests.flush();
  await index.flush();
  return manifests.position();
}

function digits(number: number): string {
  const text = String(number).padStart(DIGITS, '0');
  if (text.length > DIGITS) throw new RangeError('the manifests are longer than their index can say');
  return text;
}

interface Writer {
  /** Where the next byte goes. */
  position(): number;
  write(bytes: Buffer): Promise<void>;
  flush(): Promise<void>;
}

/** Collects what is written one after the other, and writes it by blocks. */
function createWriter(file: Pick<FileHandle, 'write'>, from: number): Writer {
  let written = from;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<void> => {
    let rest: Uint8Array = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    while (rest.length > 0) {
      const { bytesWritten } = await file.write(rest, 0, rest.length, written);
      written += bytesWritten;
      rest = rest.subarray(bytesWritten);
    }
  };
  return {
    position: () => written + waitingBytes,
    write: async (bytes) => {
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waitingBytes >= BLOCK_BYTES) await flush();
    },
    flush,
  };
}
