import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Checksums, StagedObject, StagingStore } from '../api.ts';
import { checksumsOfFile, checksumTrouble } from '../checksums.ts';
import { localError, StagingError, systemCode } from '../errors.ts';
import { sha256OfKey } from '../keys.ts';
import { FollowingSum } from './followingSum.ts';
import { inParallel, Slots } from './parallel.ts';
import { PiecesWriter } from './piecesWriter.ts';
import { Meter, tryMeter } from './progress.ts';
import { FileThreads } from './fileThreads.ts';
import { systemStagingClock, withTries } from './tries.ts';
import type { Patience } from './tries.ts';
import type { TransferOptions } from './upload.ts';

const FILES_AT_A_TIME = 32;
const PARTS_AT_A_TIME = 6;
const PART = 16 * 1024 * 1024;
/** Kept in memory until it is whole. */
const SMALL = 1024 * 1024;

export interface DownloadOptions extends TransferOptions {
  /** Bytes; 16 MiB unless told. */
  readonly partSize?: number;
}

/** An object, and the file it becomes. */
export interface KeyToFile {
  /** As listed, or its key alone. */
  readonly object: Pick<StagedObject, 'key' | 'size'> | string;
  /** Made with its folders; what was there is replaced. `pathBelow` makes a safe one from a name. */
  readonly path: string;
  /** What it must be, besides what the store recorded. */
  readonly expected?: Partial<Checksums>;
}

export interface DownloadedFile {
  readonly key: string;
  readonly path: string;
  readonly size: number;
  /** The file was there already, and right. */
  readonly unchanged: boolean;
}

/**
 * Fetches files, many at a time, large ones in parts at once. A file appears under its name only when it is whole and
 * its length and sums are right; until then, and when this fails, there is nothing of it. Rejects with the first
 * StagingError.
 */
export async function downloadFiles(
  store: StagingStore,
  files: readonly KeyToFile[],
  options: DownloadOptions = {},
): Promise<DownloadedFile[]> {
  const { clock = systemStagingClock, random = Math.random } = options;
  const run: Run = {
    store,
    patience: { clock, random },
    meter: new Meter(files.length, clock, options.onProgress),
    slots: new Slots(PARTS_AT_A_TIME),
    partSize: options.partSize ?? PART,
    threads: new FileThreads(),
    folders: new Map(),
  };
  const known = files.flatMap(({ object }) => (typeof object === 'string' ? [] : [object.size]));
  await mustFit(
    files,
    known.reduce((sum, size) => sum + size, 0),
  );
  try {
    return await inParallel(files, FILES_AT_A_TIME, options.signal, (file, signal) =>
      downloadOne(run, file, signal),
    );
  } finally {
    run.threads.dispose();
  }
}

interface Run {
  readonly store: StagingStore;
  readonly patience: Patience;
  readonly meter: Meter;
  readonly slots: Slots;
  readonly partSize: number;
  readonly threads: FileThreads;
  /** Folders that are there by now. */
  readonly folders: Map<string, Promise<unknown>>;
}

async function downloadOne(run: Run, file: KeyToFile, signal: AbortSignal): Promise<DownloadedFile> {
  const { store, patience, meter } = run;
  const key = typeof file.object === 'string' ? file.object : file.object.key;
  const tried = `fetch ${key} as ${file.path}`;
  try {
    const size =
      typeof file.object === 'string'
        ? await withTries(patience, signal, () => sizeOf(store, key, signal))
        : file.object.size;
    meter.expect(size);
    const sha256 = file.expected?.sha256 ?? sha256OfKey(key);
    const expected = {
      ...file.expected,
      size: file.expected?.size ?? size,
      ...(sha256 === undefined ? {} : { sha256 }),
    };
    const unchanged = sha256 !== undefined && (await isThere(file.path, size, sha256, signal));
    if (unchanged) meter.skipped(size);
    else await fetchTo(run, { key, size, path: file.path, expected, tried }, signal);
    meter.fileDone();
    return { key, path: file.path, size, unchanged };
  } catch (error) {
    throw localError(error, tried);
  }
}

interface Fetch {
  readonly key: string;
  readonly size: number;
  readonly path: string;
  readonly expected: Partial<Checksums>;
  readonly tried: string;
}

async function fetchTo(run: Run, fetch: Fetch, signal: AbortSignal): Promise<void> {
  const folder = dirname(fetch.path);
  const making = run.folders.get(folder) ?? mkdir(folder, { recursive: true });
  run.folders.set(folder, making);
  await making;
  if (fetch.size <= SMALL) return fetchWhole(run, fetch, signal);
  const underway = join(folder, `.${randomUUID()}.part`);
  const handle = await open(underway, 'wx+');
  try {
    try {
      await fetchInParts(run, fetch, handle, signal);
    } finally {
      await handle.close();
    }
    await rename(underway, fetch.path);
  } catch (error) {
    await rm(underway, { force: true });
    throw error;
  }
}

async function fetchWhole(run: Run, fetch: Fetch, signal: AbortSignal): Promise<void> {
  await withTries(run.patience, signal, async () => {
    const counter = tryMeter(run.meter);
    try {
      const content = await run.store.get(fetch.key, { signal });
      const whole = new Uint8Array(fetch.size);
      let length = 0;
      for await (const bytes of content.bytes) {
        if (length + bytes.length > fetch.size) throw cut(fetch, length + bytes.length, fetch.size);
        whole.set(bytes, length);
        length += bytes.length;
        counter.moved(bytes.length);
      }
      if (length !== fetch.size) throw cut(fetch, length, fetch.size);
      const expected = { ...recorded(content), ...fetch.expected };
      refuse(fetch, await run.threads.save(fetch.path, whole, expected));
    } catch (error) {
      counter.takeBack();
      throw error;
    }
  });
}

async function fetchInParts(run: Run, fetch: Fetch, handle: FileHandle, signal: AbortSignal): Promise<void> {
  const { store, patience, partSize } = run;
  const { key, size } = fetch;
  const known = await withTries(patience, signal, () => store.head(key, { signal }));
  if (known?.size !== size) throw replaced(fetch);
  const expected = { ...recorded(known), ...fetch.expected };
  const summed = expected.sha256 !== undefined || expected.adler32 !== undefined;
  const sum = summed
    ? new FollowingSum(run.threads, handle, size, expected, (bytes) => run.meter.summed(bytes))
    : undefined;
  const starts = Array.from({ length: Math.ceil(size / partSize) }, (_, index) => index * partSize);
  try {
    await inParallel(starts, starts.length, signal, (from, each) =>
      run.slots.use(async () => {
        const length = Math.min(partSize, size - from);
        const part = { from, length, etag: known.etag };
        await withTries(patience, each, () => fetchPart(run, fetch, handle, part, each));
        sum?.arrived(from, length);
      }),
    );
  } finally {
    // Nobody may close the file under a thread that reads it.
    await sum?.settled();
  }
  refuse(fetch, sum === undefined ? checksumTrouble(expected, { size }) : await sum.trouble());
}

async function fetchPart(
  { store, meter }: Run,
  fetch: Fetch,
  handle: FileHandle,
  part: { readonly from: number; readonly length: number; readonly etag: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { from, length, etag } = part;
  const counter = tryMeter(meter);
  try {
    const range = { from, length };
    const content = await store.get(fetch.key, { signal, range, ...(etag === undefined ? {} : { etag }) });
    const writer = new PiecesWriter(handle, from);
    let done = 0;
    for await (const bytes of content.bytes) {
      done += bytes.length;
      if (done > length) throw cut(fetch, done, length);
      await writer.add(bytes);
      counter.moved(bytes.length);
    }
    await writer.end();
    if (done !== length) throw cut(fetch, done, length);
  } catch (error) {
    counter.takeBack();
    throw error;
  }
}

function recorded({
  adler32,
  sha256,
}: {
  readonly adler32: string | undefined;
  readonly sha256: string | undefined;
}): Partial<Checksums> {
  return {
    ...(adler32 === undefined ? {} : { adler32 }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

function refuse(fetch: Fetch, trouble: string | undefined): void {
  if (trouble === undefined) return;
  throw new StagingError({
    kind: 'checksum',
    tried: fetch.tried,
    cameBack: trouble,
    advice: 'Fetch it again; if it stays so, the file in the store is damaged, and the job is to run again',
    passing: true,
  });
}

function cut(fetch: Fetch, came: number, expected: number): StagingError {
  return new StagingError({
    kind: 'checksum',
    tried: fetch.tried,
    cameBack: `${came} bytes came, ${expected} were expected`,
    advice: 'Fetch it again',
    passing: true,
  });
}

function replaced(fetch: Fetch): StagingError {
  return new StagingError({
    kind: 'changed',
    tried: fetch.tried,
    cameBack: 'it was replaced meanwhile',
    advice: 'List it again, and fetch what is there now',
  });
}

async function sizeOf(store: StagingStore, key: string, signal: AbortSignal): Promise<number> {
  const there = await store.head(key, { signal });
  if (there !== undefined) return there.size;
  throw new StagingError({
    kind: 'notFound',
    tried: `fetch ${key} of ${store.describe()}`,
    cameBack: 'it is not there',
    advice: 'Look what is there with desc-panda stage ls',
  });
}

async function isThere(path: string, size: number, sha256: string, signal: AbortSignal): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true || facts.size !== size) return false;
  const handle = await open(path, 'r');
  try {
    return (await checksumsOfFile(handle, { signal })).sha256 === sha256;
  } finally {
    await handle.close();
  }
}

/** Better no byte than a full disk half way. */
async function mustFit(files: readonly KeyToFile[], bytes: number): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  for (let folder = dirname(first.path); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      if (bavail * bsize >= bytes) return;
      throw new StagingError({
        kind: 'full',
        tried: `fetch ${files.length} files to ${folder}`,
        cameBack: `they have ${bytes} bytes, and ${bavail * bsize} are free there`,
        advice: 'Free some space, or choose another disk',
      });
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      if (folder === dirname(folder)) return;
    }
  }
}
