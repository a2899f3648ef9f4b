import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Checksums, StagingBody, StagingClock, StagingStore } from '../api.ts';
import { checksumsOf, checksumsOfFile, md5Of } from '../checksums.ts';
import { localError, StagingError } from '../errors.ts';
import { sharedInputKey, sharedInputs } from '../keys.ts';
import { inParallel, Slots } from './parallel.ts';
import { partSizeFor } from './partSize.ts';
import { sizesBelow } from './present.ts';
import { Meter, tryMeter } from './progress.ts';
import type { TransferProgress } from './progress.ts';
import { SumNotes } from './sumNotes.ts';
import { FileThreads } from './fileThreads.ts';
import { systemStagingClock, withTries } from './tries.ts';
import { fileChanged, sendInParts, verifyStored } from './uploadParts.ts';
import type { Sending, SummedFile } from './uploadParts.ts';
import { UploadNotes } from './uploadState.ts';

const FILES_AT_A_TIME = 24;
const PARTS_AT_A_TIME = 6;
/** Read at once: what is summed is then what is sent. */
const SMALL = 1024 * 1024;
/** Else a named pipe would wait for ever. */
const OPEN_TO_READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export interface TransferOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TransferProgress) => void;
  readonly clock?: StagingClock;
  /** In [0, 1). */
  readonly random?: () => number;
}

export interface UploadOptions extends TransferOptions {
  /** Where sums and begun uploads of large files are noted, so that a later call need not read or send them again. */
  readonly notesFolder?: string;
  /** Bytes; by the size of the file unless told. */
  readonly partSize?: number;
}

/** A file of this machine, and the key it gets. */
export interface FileToKey {
  readonly path: string;
  readonly key: string;
}

/** An input of jobs: its key comes from its content. */
export interface InputFile {
  readonly path: string;
  /** As jobs know it; `/` between folders. */
  readonly name: string;
}

export interface UploadedFile {
  readonly path: string;
  readonly key: string;
  readonly checksums: Checksums;
  /** It was there already, and was not sent. */
  readonly unchanged: boolean;
}

/**
 * Sends inputs of a user's jobs, each under its sha256, many at a time; what is there already is not sent again. What this
 * returns is in the store, whole and right. Rejects with the first StagingError; a later call goes on where this ended.
 */
export async function uploadInputs(
  store: StagingStore,
  user: string,
  files: readonly InputFile[],
  options: UploadOptions = {},
): Promise<UploadedFile[]> {
  const { signal: stop } = options;
  const look = stop === undefined ? {} : { signal: stop };
  const sizeThere = await sizesBelow(store, sharedInputs(user), files.length, look);
  return uploadAll(store, files, options, ({ name }, signal) => ({
    key: ({ sha256 }) => sharedInputKey(user, sha256, name),
    sizeThere: (key) => sizeThere(key, { signal }),
  }));
}

/** Sends files to keys of their own, many at a time, whatever was there before. Otherwise as `uploadInputs`. */
export async function uploadFiles(
  store: StagingStore,
  files: readonly FileToKey[],
  options: UploadOptions = {},
): Promise<UploadedFile[]> {
  return uploadAll(store, files, options, ({ key }) => ({
    key: () => key,
    sizeThere: () => Promise.resolve(undefined),
  }));
}

async function uploadAll<File extends { readonly path: string }>(
  store: StagingStore,
  files: readonly File[],
  options: UploadOptions,
  destination: (file: File, signal: AbortSignal) => Destination,
): Promise<UploadedFile[]> {
  const run = createRun(store, files.length, options);
  try {
    return await inParallel(files, FILES_AT_A_TIME, options.signal, (file, signal) =>
      uploadOne(run, file.path, signal, destination(file, signal)),
    );
  } finally {
    run.threads.dispose();
  }
}

interface Run extends Sending {
  readonly partSize: number | undefined;
  /** Summing keeps processors busy: more at a time would only wait for each other. */
  readonly summing: Slots;
  readonly threads: FileThreads;
  readonly sumNotes: SumNotes;
}

function createRun(store: StagingStore, files: number, options: UploadOptions): Run {
  const { clock = systemStagingClock, random = Math.random } = options;
  return {
    store,
    patience: { clock, random },
    meter: new Meter(files, clock, options.onProgress),
    notes: new UploadNotes(options.notesFolder, store.describe()),
    slots: new Slots(PARTS_AT_A_TIME),
    summing: new Slots(2),
    threads: new FileThreads(),
    sumNotes: new SumNotes(options.notesFolder, () => clock.now()),
    partSize: options.partSize,
  };
}

interface Destination {
  readonly key: (checksums: Checksums) => string;
  /** Size of what is there under a key and need not be sent again; undefined where it is to be sent. */
  readonly sizeThere: (key: string) => Promise<number | undefined>;
}

async function uploadOne(
  run: Run,
  path: string,
  signal: AbortSignal,
  destination: Destination,
): Promise<UploadedFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, OPEN_TO_READ);
    const facts = await handle.stat();
    if (!facts.isFile()) throw notAFile(path);
    run.meter.expect(facts.size);
    const result =
      facts.size <= SMALL
        ? await uploadSmall(run, path, handle, facts.size, signal, destination)
        : await uploadLarge(run, path, handle, signal, destination);
    run.meter.fileDone();
    return result;
  } catch (error) {
    throw localError(error, `send ${path}`);
  } finally {
    await handle?.close();
  }
}

async function uploadSmall(
  run: Run,
  path: string,
  handle: FileHandle,
  size: number,
  signal: AbortSignal,
  destination: Destination,
): Promise<UploadedFile> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size + 1), 0, size + 1, 0);
  if (bytesRead !== size) throw fileChanged(path);
  const bytes = buffer.subarray(0, size);
  const checksums = checksumsOf(bytes);
  const key = destination.key(checksums);
  run.meter.summed(bytes.length);
  const unchanged =
    (await withTries(run.patience, signal, () => destination.sizeThere(key))) === bytes.length;
  if (unchanged) {
    run.meter.skipped(bytes.length);
  } else {
    const sums = { checksums, partMd5: [md5Of(bytes)] };
    await sendWhole(run, { path, handle, key, sums, partSize: SMALL }, () => bytes, signal);
    run.meter.moved(bytes.length);
  }
  return { path, key, checksums, unchanged };
}

async function uploadLarge(
  run: Run,
  path: string,
  handle: FileHandle,
  signal: AbortSignal,
  destination: Destination,
): Promise<UploadedFile> {
  const facts = await handle.stat({ bigint: true });
  const size = Number(facts.size);
  const partSize =
    run.store.parts === undefined ? Number.POSITIVE_INFINITY : (run.partSize ?? partSizeFor(size));
  const noted = await run.sumNotes.read(path, facts, partSize);
  if (noted !== undefined) {
    try {
      return await sendSummed(run, { path, handle, sums: noted, partSize }, signal, destination);
    } catch (error) {
      if (!(error instanceof StagingError) || error.kind !== 'changed') throw error;
      // The file system did not tell that it was written to.
      await run.sumNotes.forget(path);
    }
  }
  const sums = await run.summing.use(() =>
    run.threads.sumFile(handle, size, partSize, { signal, onRead: (bytes) => run.meter.summed(bytes) }),
  );
  const { mtimeNs, size: sizeNow } = await handle.stat({ bigint: true });
  if (sums.checksums.size !== size || sizeNow !== facts.size || mtimeNs !== facts.mtimeNs) {
    throw fileChanged(path);
  }
  await run.sumNotes.write(path, facts, partSize, sums);
  return sendSummed(run, { path, handle, sums, partSize }, signal, destination);
}

async function sendSummed(
  run: Run,
  summed: Omit<SummedFile, 'key'>,
  signal: AbortSignal,
  destination: Destination,
): Promise<UploadedFile> {
  const { parts } = run.store;
  const { path, sums } = summed;
  const { checksums } = sums;
  const { size } = checksums;
  const key = destination.key(checksums);
  const unchanged = (await withTries(run.patience, signal, () => destination.sizeThere(key))) === size;
  const file: SummedFile = { ...summed, key };
  if (unchanged) run.meter.skipped(size);
  else if (parts !== undefined && sums.partMd5.length > 1) await sendInParts(run, parts, file, signal);
  else await run.slots.use(() => sendLargeWhole(run, file, signal));
  return { path, key, checksums, unchanged };
}

async function sendLargeWhole(run: Run, file: SummedFile, signal: AbortSignal): Promise<void> {
  const { handle, sums } = file;
  let counter = tryMeter(run.meter);
  let first = true;
  await sendWhole(
    run,
    file,
    () => {
      if (!first) counter.takeBack();
      first = false;
      counter = tryMeter(run.meter);
      return { handle, from: 0, length: sums.checksums.size, onRead: (bytes) => counter.moved(bytes) };
    },
    signal,
  );
}

/** Sends a file as one request, and makes sure of what is then there. */
async function sendWhole(
  run: Run,
  file: SummedFile,
  body: () => StagingBody,
  signal: AbortSignal,
): Promise<void> {
  const { store, patience } = run;
  const { key, path, sums } = file;
  const [md5 = ''] = sums.partMd5;
  await withTries(patience, signal, async () => {
    const content = body();
    const mustBeUnchanged = async (): Promise<void> => {
      if (content instanceof Uint8Array) return;
      const now = await checksumsOfFile(content.handle, { signal });
      if (now.sha256 !== sums.checksums.sha256) throw fileChanged(path);
    };
    try {
      const sent = await store.put(key, content, { signal, md5, checksums: sums.checksums });
      if (sent.md5 === md5) return;
      await mustBeUnchanged();
      await verifyStored(run, file, sent.md5 !== undefined, signal);
    } catch (error) {
      if (error instanceof StagingError && error.kind === 'checksum') await mustBeUnchanged();
      throw error;
    }
  });
}

function notAFile(path: string): StagingError {
  return new StagingError({
    kind: 'local',
    tried: `send ${path}`,
    cameBack: 'it is not a file',
    advice: 'Name files, one by one',
  });
}
