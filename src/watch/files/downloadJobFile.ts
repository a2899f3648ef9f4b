import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PandaError } from '../../panda/index.ts';
import { checksumTrouble, createSummer, localError, pathBelow } from '../../staging/index.ts';
import type { JobFile, JobFiles } from './jobFiles.ts';

const PIECE = 8 * 1024 * 1024;

export interface DownloadJobFileOptions {
  readonly signal?: AbortSignal;
  /** Bytes that came, of the size of the file. */
  readonly onProgress?: (bytes: number, size: number) => void;
  /** Takes the place of a file that is there. */
  readonly replace?: boolean;
}

/**
 * Writes a job's file below a folder, under its own name or the one given, and returns its path. It appears there when it
 * is whole and its checksums are those that the pilot or the wrapper told. Rejects with PandaError, or StagingError for trouble with the disk.
 */
export async function downloadJobFile(
  source: JobFiles,
  file: JobFile,
  target: { readonly folder: string; readonly name?: string },
  options: DownloadJobFileOptions = {},
): Promise<string> {
  const path = pathBelow(target.folder, target.name ?? file.name);
  if (options.replace !== true) await refuseToReplace(path, file);
  try {
    await mkdir(dirname(path), { recursive: true });
    await write(source, file, path, options);
    return path;
  } catch (error) {
    throw localError(error, `write ${path}`);
  }
}

async function write(
  source: JobFiles,
  file: JobFile,
  path: string,
  options: DownloadJobFileOptions,
): Promise<void> {
  const partial = `${path}.part`;
  const handle = await open(partial, 'w');
  try {
    await copy(source, file, handle, options);
    await handle.close();
    await rename(partial, path);
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
}

async function refuseToReplace(path: string, file: JobFile): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return;
  throw failure(file, 'rejected', `${path} is there already`, 'Remove it, or choose another folder');
}

async function copy(
  source: JobFiles,
  file: JobFile,
  handle: FileHandle,
  { signal, onProgress }: DownloadJobFileOptions,
): Promise<void> {
  let at = 0;
  const summer = createSummer();
  for (;;) {
    const { bytes, size } = await source.read(file, at, PIECE, signal === undefined ? {} : { signal });
    signal?.throwIfAborted();
    summer.add(bytes);
    await handle.writeFile(bytes);
    at += bytes.length;
    onProgress?.(at, size);
    if (at >= size) break;
    if (bytes.length === 0) {
      throw failure(file, 'protocol', `only ${at} of ${size} bytes came`, 'Try again');
    }
  }
  const { adler32, sha256 } = file;
  const expected = { ...(adler32 === null ? {} : { adler32 }), ...(sha256 === null ? {} : { sha256 }) };
  const trouble = checksumTrouble(expected, summer.checksums());
  if (trouble === undefined) return;
  throw failure(
    file,
    'protocol',
    trouble,
    'Try again; if that helps nothing, the file was changed after the job',
  );
}

function failure(file: JobFile, kind: PandaError['kind'], cameBack: string, advice: string): PandaError {
  return new PandaError({ kind, tried: `download ${file.name}`, cameBack, advice });
}
