import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { adler32OfFile } from './adler32.ts';
import { PILOT_ERROR, type PilotError } from './outcome.ts';
import { PILOT_LOG, STDERR, STDOUT } from './pilotJob.ts';

/** One file of the report that goes with the last update, by its name. */
export interface StagedFile {
  readonly lfn: string;
  readonly guid: string;
  readonly fsize: number;
  readonly adler32: string;
}

export type StageResult =
  | { readonly kind: 'staged'; readonly file: StagedFile }
  | { readonly kind: 'failed'; readonly error: PilotError };

/**
 * Moves an output from the work folder to the storage folder. One that is in storage already got there before an
 * earlier pilot ended, and counts. The name must have passed `badFileName`.
 */
export async function stageOutput(
  lfn: string,
  workFolder: string,
  storageFolder: string,
): Promise<StageResult> {
  const source = join(workFolder, lfn);
  const target = join(storageFolder, lfn);
  const here = await sizeOfFile(source);
  const size = here ?? (await sizeOfFile(target));
  if (size === undefined) {
    return fail(PILOT_ERROR.outputMissing, `Expected output is not there (or is not a plain file): ${lfn}`);
  }
  if (size === 0) return fail(PILOT_ERROR.outputEmpty, `Output file is empty: ${lfn}`);
  if (here !== undefined) await rename(source, target);
  return { kind: 'staged', file: await describeFile(lfn, target, null) };
}

function fail(code: number, diag: string): StageResult {
  return { kind: 'failed', error: { code, diag } };
}

/** Size of a plain file; undefined for none, and for links and folders, which could lead anywhere. */
async function sizeOfFile(path: string): Promise<number | undefined> {
  try {
    const facts = await lstat(path);
    return facts.isFile() ? facts.size : undefined;
  } catch {
    return undefined;
  }
}

async function describeFile(lfn: string, path: string, guid: string | null): Promise<StagedFile> {
  const { size } = await lstat(path);
  return { lfn, guid: guid ?? randomUUID(), fsize: size, adler32: await adler32OfFile(path) };
}

/** A log larger than this stays out of the tarball; it lies beside it anyway. */
const MAX_LOG_IN_TARBALL = 100 * 1024 * 1024;

/** Packs the logs of a job into `<lfn>` beside them. */
export async function packLogs(lfn: string, guid: string | null, storageFolder: string): Promise<StagedFile> {
  const target = join(storageFolder, lfn);
  const part = join(storageFolder, `.${randomUUID()}.part`);
  const tarball = pack();
  const written = pipeline(tarball, createGzip(), createWriteStream(part, { mode: 0o600, flags: 'wx' }));
  const filled = (async () => {
    for (const name of [STDOUT, STDERR, PILOT_LOG]) {
      const size = await sizeOfFile(join(storageFolder, name));
      if (size === undefined || size > MAX_LOG_IN_TARBALL) continue;
      const entry = tarball.entry({ name, size, mode: 0o600 });
      // The pilot's own log may still grow: what is packed is as long as was announced.
      if (size === 0) entry.end('');
      else await pipeline(createReadStream(join(storageFolder, name), { end: size - 1 }), entry);
    }
    tarball.finalize();
  })();
  try {
    await Promise.all([filled, written]);
    await rename(part, target);
  } catch (error) {
    tarball.destroy();
    await rm(part, { force: true });
    throw error;
  }
  return describeFile(lfn, target, guid);
}

/** `job_output_report`: what became of each file, keyed by name. */
export function outputReport(files: readonly StagedFile[], storageUrl: string): string {
  const entries = files.map(({ lfn, guid, fsize, adler32 }) => [
    lfn,
    { guid, fsize, adler32, surl: `${storageUrl}/${encodeURIComponent(lfn)}` },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** Makes a folder of its owner's only. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
}

/** Removes a work folder, also one whose payload took the rights from its own folders. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await openUp(path);
    await rm(path, { recursive: true, force: true, maxRetries: 2 });
  }
}

async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
  }
}
