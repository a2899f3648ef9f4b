import type { FileHandle } from 'node:fs/promises';
import type { Checksums, PartUploads, StagingStore, UploadedPart } from '../api.ts';
import { checksumTrouble, createSummer, md5OfPart } from '../checksums.ts';
import type { FileSums } from '../checksums.ts';
import { StagingError } from '../errors.ts';
import type { Slots } from './parallel.ts';
import { inParallel } from './parallel.ts';
import { tryMeter } from './progress.ts';
import type { Meter } from './progress.ts';
import { withTries } from './tries.ts';
import type { Patience } from './tries.ts';
import type { UploadNotes } from './uploadState.ts';

/** What sending any file needs. */
export interface Sending {
  readonly store: StagingStore;
  readonly patience: Patience;
  readonly meter: Meter;
  readonly notes: UploadNotes;
  /** For parts of all files together. */
  readonly slots: Slots;
}

/** An open file, and what it holds. */
export interface SummedFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly key: string;
  readonly sums: FileSums;
  readonly partSize: number;
}

/** Sends a file in parts; goes on with what an earlier call began, where a note of it and its parts are left. */
export async function sendInParts(
  sending: Sending,
  parts: PartUploads,
  file: SummedFile,
  signal: AbortSignal,
): Promise<void> {
  const { patience, notes, meter } = sending;
  const { key, sums } = file;
  const { uploadId, done } = await beginOrResume(sending, parts, file, signal);
  const upload: PartsUpload = { ...file, parts, uploadId, foreignTags: false };
  const numbers = sums.partMd5.map((_, index) => index + 1);
  try {
    const sent = await inParallel(numbers, numbers.length, signal, async (number, each) => {
      const there = done.get(number);
      if (there !== undefined) {
        meter.skipped(there.size);
        return there;
      }
      return sending.slots.use(() => sendPart(sending, upload, number, each));
    });
    await withTries(patience, signal, () => complete(sending.store, upload, sent, signal));
  } catch (error) {
    // What is sent of another content is of no use to a later call.
    if (error instanceof StagingError && error.kind === 'changed') {
      await parts.abort(key, uploadId).catch(() => undefined);
      await notes.forget(key);
    }
    throw error;
  }
  await notes.forget(key);
  await verifyStored(sending, file, upload.foreignTags, signal);
}

interface PartsUpload extends SummedFile {
  readonly parts: PartUploads;
  readonly uploadId: string;
  /** The store's ETags are no MD5 sums: only reading all of it back tells whether it is right. */
  foreignTags: boolean;
}

async function beginOrResume(
  { patience, notes }: Sending,
  parts: PartUploads,
  { key, sums, partSize }: SummedFile,
  signal: AbortSignal,
): Promise<{ uploadId: string; done: ReadonlyMap<number, UploadedPart> }> {
  const { checksums, partMd5 } = sums;
  const { size, sha256 } = checksums;
  const begun = await notes.read(key);
  if (begun?.size === size && begun.sha256 === sha256 && begun.partSize === partSize) {
    const { uploadId } = begun;
    const listed = await withTries(patience, signal, () => listParts(parts, key, uploadId, signal));
    if (listed !== undefined) {
      // Only parts that hold what the file holds now.
      const right = listed.filter(
        (part) =>
          part.size === Math.min(partSize, size - (part.number - 1) * partSize) &&
          part.etag.replaceAll('"', '') === partMd5[part.number - 1],
      );
      return { uploadId, done: new Map(right.map((part) => [part.number, part])) };
    }
  }
  const uploadId = await withTries(patience, signal, () => parts.create(key, { signal, checksums }));
  await notes.write(key, { uploadId, size, sha256, partSize });
  return { uploadId, done: new Map() };
}

/** Undefined where the upload has ended or was given up. */
async function listParts(
  parts: PartUploads,
  key: string,
  uploadId: string,
  signal: AbortSignal,
): Promise<readonly UploadedPart[] | undefined> {
  try {
    return await parts.listParts(key, uploadId, { signal });
  } catch (error) {
    if (error instanceof StagingError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

async function sendPart(
  { patience, meter }: Sending,
  upload: PartsUpload,
  number: number,
  signal: AbortSignal,
): Promise<UploadedPart> {
  const { key, handle, parts, partSize, sums, uploadId } = upload;
  const from = (number - 1) * partSize;
  const length = Math.min(partSize, sums.checksums.size - from);
  const md5 = sums.partMd5[number - 1] ?? '';
  let otherTag: string | undefined;
  return withTries(patience, signal, async () => {
    const counter = tryMeter(meter);
    try {
      const body = { handle, from, length, onRead: (bytes: number) => counter.moved(bytes) };
      const sent = await parts.putPart(key, uploadId, number, body, { signal, md5 });
      if (sent.md5 === undefined || sent.md5 === md5) return sent;
      await mustBeUnchanged(upload, number, from, length, signal);
      // Twice the same other tag: that is no MD5, and nothing is wrong.
      if (sent.md5 === otherTag) {
        upload.foreignTags = true;
        return sent;
      }
      otherTag = sent.md5;
      throw otherBytes(upload.path);
    } catch (error) {
      counter.takeBack();
      if (error instanceof StagingError && error.kind === 'checksum') {
        await mustBeUnchanged(upload, number, from, length, signal);
      }
      throw error;
    }
  });
}

async function mustBeUnchanged(
  { handle, path, sums }: SummedFile,
  number: number,
  from: number,
  length: number,
  signal: AbortSignal,
): Promise<void> {
  if ((await md5OfPart(handle, from, length, signal)) !== sums.partMd5[number - 1]) throw fileChanged(path);
}

/** Where the answer to an earlier try was lost, the upload is gone and the object there. */
async function complete(
  store: StagingStore,
  { key, parts, uploadId, sums }: PartsUpload,
  sent: readonly UploadedPart[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await parts.complete(key, uploadId, sent, { signal });
  } catch (error) {
    if (!(error instanceof StagingError) || error.kind !== 'notFound') throw error;
    const there = await store.head(key, { signal });
    if (there?.size !== sums.checksums.size || there.sha256 !== sums.checksums.sha256) throw error;
  }
}

/** Compares the length, and reads all of it where the store's word is not enough. Removes what is wrong. */
export async function verifyStored(
  { store, patience }: Pick<Sending, 'store' | 'patience'>,
  { key, path, sums }: SummedFile,
  readBack: boolean,
  signal: AbortSignal,
): Promise<void> {
  const there = await withTries(patience, signal, () => store.head(key, { signal }));
  let right = there?.size === sums.checksums.size;
  if (right && readBack) {
    const found = await withTries(patience, signal, () => sumStored(store, key, signal));
    right = checksumTrouble(sums.checksums, found) === undefined;
  }
  if (right) return;
  if (there !== undefined) await store.remove([key], { signal });
  throw new StagingError({
    kind: 'checksum',
    tried: `send ${path} to ${store.describe()}`,
    cameBack:
      there === undefined
        ? 'it is not there afterwards'
        : `the store holds other bytes than were sent (${there.size} instead of ${sums.checksums.size}), and was told to remove them`,
    advice: 'Send it again; if it stays so, set checksums to whenRequired in the staging settings',
    passing: true,
  });
}

async function sumStored(store: StagingStore, key: string, signal: AbortSignal): Promise<Checksums> {
  const summer = createSummer();
  for await (const bytes of (await store.get(key, { signal })).bytes) summer.add(bytes);
  return summer.checksums();
}

function otherBytes(path: string): StagingError {
  return new StagingError({
    kind: 'checksum',
    tried: `send ${path}`,
    cameBack: 'other bytes arrived than were sent',
    advice: 'Send it again; if it stays so, something on the way changes them',
    passing: true,
  });
}

export function fileChanged(path: string): StagingError {
  return new StagingError({
    kind: 'changed',
    tried: `send ${path}`,
    cameBack: 'it was written to meanwhile',
    advice: 'Send it again when nobody writes to it',
  });
}
