import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ByteSource } from './byteSource.ts';
import { FitsError } from './fitsError.ts';

/** Bytes on a disk of this machine: any part of them is at hand. */
export interface LocalBytes extends ByteSource {
  dispose(): Promise<void>;
}

export interface LocalBytesOptions {
  /** Where a copy may be made: the folder for temporary files. */
  readonly temporaryFolder: string;
  /** Bytes that a copy may have at most. */
  readonly most?: number;
  readonly signal?: AbortSignal;
  /** Bytes copied so far, of `size` of the source. */
  readonly onProgress?: (bytes: number, size: number) => void;
}

/** An image of 16k × 16k pixels in double precision, twice. */
const MOST_COPIED = 4 * 1024 ** 3;
const PIECE = 4 * 1024 * 1024;

/** A file of this machine, as it is. Rejects as the file system does. */
export async function fileBytes(path: string): Promise<LocalBytes> {
  const handle = await open(path, 'r');
  try {
    return handleBytes(handle, (await handle.stat()).size, () => handle.close());
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Compressed by gzip, whatever its name says. */
export async function isGzip(source: ByteSource): Promise<boolean> {
  const [first, second] = await source.read(0, 2);
  return first === 0x1f && second === 0x8b;
}

/**
 * Copies what lies elsewhere, or is compressed, to a file of its own, unpacked: then any part can be read at once, and
 * none of it is kept in memory. The file is gone when it is disposed of, and where the system allows that, even when this
 * process ends without doing so.
 */
export async function copyToLocal(source: ByteSource, options: LocalBytesOptions): Promise<LocalBytes> {
  const { signal, most = MOST_COPIED } = options;
  const isPacked = await isGzip(source);
  const folder = await mkdtemp(join(options.temporaryFolder, 'desc-panda-fits-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  let handle: FileHandle | undefined;
  try {
    handle = await open(join(folder, 'image.fits'), 'wx+', 0o600);
    if (process.platform !== 'win32') await remove();
    const write = writerTo(handle, most);
    const from = pieces(source, options);
    const watch = signal === undefined ? {} : { signal };
    if (isPacked) await pipeline(from, createGunzip({ chunkSize: 1024 * 1024 }), write, watch);
    else await pipeline(from, write, watch);
    const copy = handle;
    return handleBytes(copy, (await copy.stat()).size, async () => {
      await copy.close();
      await remove();
    });
  } catch (error) {
    await handle?.close();
    await remove();
    throw explained(error);
  }
}

function handleBytes(handle: FileHandle, size: number, dispose: () => Promise<void>): LocalBytes {
  return {
    size,
    async read(from, length) {
      const wanted = Math.max(0, Math.min(length, size - from));
      const bytes = new Uint8Array(wanted);
      let got = 0;
      while (got < wanted) {
        const { bytesRead } = await handle.read(bytes, got, wanted - got, from + got);
        if (bytesRead === 0) break; // It was cut while it was read.
        got += bytesRead;
      }
      return bytes.subarray(0, got);
    },
    dispose,
  };
}

function pieces(source: ByteSource, { onProgress }: LocalBytesOptions): Readable {
  async function* read(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < source.size;) {
      const bytes = await source.read(at, PIECE);
      if (bytes.length === 0) {
        throw new FitsError(`Only ${at} of ${source.size} bytes of the file came`, 'Open it again');
      }
      at += bytes.length;
      yield bytes;
      onProgress?.(at, source.size);
    }
  }
  return Readable.from(read());
}

/** What a small compressed file unpacks to may be anything: no more than `most` bytes are written. */
function writerTo(handle: FileHandle, most: number): (chunks: AsyncIterable<Uint8Array>) => Promise<void> {
  return async (chunks) => {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > most) {
        throw new FitsError(
          `The file unpacks to more than ${most} bytes`,
          'Unpack it yourself, and open that',
        );
      }
      await handle.writeFile(chunk);
    }
  };
}

/** What zlib and the file system say, as a sentence. */
function explained(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') {
    return new FitsError('The compressed file is cut short', 'Get it again, or wait until it is written', {
      cause: error,
    });
  }
  if (code.startsWith('Z_')) {
    return new FitsError('The file is not what gzip makes, or is damaged', 'Get it again', { cause: error });
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new FitsError('There is no room on the disk to unpack the file', 'Make room for temporary files', {
      cause: error,
    });
  }
  return error;
}
