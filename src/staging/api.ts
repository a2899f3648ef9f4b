import type { FileHandle } from 'node:fs/promises';

/** Options of every call that goes to a store. */
export interface StagingOptions {
  readonly signal?: AbortSignal;
}

/** What we record of everything staged; sums are lower-case hexadecimal. */
export interface Checksums {
  /** Bytes. */
  readonly size: number;
  /** 8 digits, as PanDA writes it (without its prefix `ad:`). */
  readonly adler32: string;
  /** 64 digits. */
  readonly sha256: string;
}

/** One object as a store lists it. */
export interface StagedObject {
  /** Below the prefix of the store. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Epoch ms. */
  readonly modified: number;
  /** Changes with the content; undefined where the store has none. */
  readonly etag: string | undefined;
}

/** What asking for one object tells more: the sums recorded when we put it, if we did. */
export interface StagedDetails extends StagedObject {
  readonly adler32: string | undefined;
  readonly sha256: string | undefined;
}

/** Part of an open file, sent without reading it into memory whole. */
export interface FilePart {
  readonly handle: FileHandle;
  readonly from: number;
  readonly length: number;
  /** Told of bytes as they go out. */
  readonly onRead?: (bytes: number) => void;
}

export type StagingBody = Uint8Array | FilePart;

export interface PutOptions extends StagingOptions {
  /** Recorded with the object where the store can. */
  readonly checksums?: Checksums;
  /** MD5 of the body, hexadecimal: a store that knows it refuses other bytes. */
  readonly md5?: string;
}

/** How a store took an object or a part. */
export interface PutResult {
  /** MD5 of what is stored, hexadecimal; undefined where the store does not tell it. */
  readonly md5: string | undefined;
}

/** The bytes of an object as they come, a piece valid until the next one is asked for. They fail with StagingError. */
export interface StagedContent {
  /** Of the bytes that will come. */
  readonly length: number;
  readonly etag: string | undefined;
  /** As recorded when we put it, if we did. */
  readonly adler32: string | undefined;
  readonly sha256: string | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface ReadOptions extends StagingOptions {
  /** Bytes `[from, from + length)`, which must exist. */
  readonly range?: { readonly from: number; readonly length: number };
  /** Only of this content: `changed` where the object is another one by now. */
  readonly etag?: string;
}

export interface PresignedUrl {
  /** A secret: whoever has it may do what it was signed for. */
  readonly url: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** One part of an upload in parts, as the store knows it. */
export interface UploadedPart {
  /** From 1. */
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  /** A checksum of the store's own that it wants back at the end, if it gave one. */
  readonly crc32?: string | undefined;
}

/** An upload in parts that was begun and neither completed nor given up. */
export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** Uploads in parts, for stores that know them. Nothing appears under the key before `complete`. */
export interface PartUploads {
  create(key: string, options?: PutOptions): Promise<string>;
  putPart(
    key: string,
    uploadId: string,
    number: number,
    body: FilePart,
    options?: PutOptions,
  ): Promise<UploadedPart & PutResult>;
  listParts(key: string, uploadId: string, options?: StagingOptions): Promise<readonly UploadedPart[]>;
  complete(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    options?: StagingOptions,
  ): Promise<void>;
  abort(key: string, uploadId: string, options?: StagingOptions): Promise<void>;
  unfinished(prefix: string, options?: StagingOptions): AsyncIterable<UnfinishedUpload>;
}

/**
 * A place where job files wait: a folder, or a prefix of a bucket. Keys are relative, `/` between segments, at most 1,024
 * bytes with the prefix of the store. Everything rejects with StagingError, or with the reason of the signal given.
 */
export interface StagingStore {
  /** For people: `bucket desc at s3.example.org`. Never holds a secret. */
  describe(): string;
  /** Writes a whole object at once: afterwards it is there, or what was there before still is. */
  put(key: string, body: StagingBody, options?: PutOptions): Promise<PutResult>;
  /** Rejects with `notFound`. */
  get(key: string, options?: ReadOptions): Promise<StagedContent>;
  /** Up to `length` bytes from `from`, none beyond the end; `size` is that of the whole object. */
  readRange(
    key: string,
    from: number,
    length: number,
    options?: StagingOptions,
  ): Promise<{ readonly bytes: Uint8Array; readonly size: number }>;
  /** Undefined where there is no such object. */
  head(key: string, options?: StagingOptions): Promise<StagedDetails | undefined>;
  /** All objects whose key starts with `prefix`. */
  list(prefix: string, options?: StagingOptions): AsyncIterable<StagedObject>;
  /** What is not there counts as removed. */
  remove(keys: readonly string[], options?: StagingOptions): Promise<void>;
  /** A URL for one method on one key, for at most 7 days. curl can use it. */
  presign(
    method: 'GET' | 'PUT',
    key: string,
    seconds: number,
    options?: StagingOptions,
  ): Promise<PresignedUrl>;
  readonly parts: PartUploads | undefined;
  dispose(): void;
}

/** Time, as transfers need it. */
export interface StagingClock {
  /** Epoch ms. */
  now(): number;
  /** Resolves after so many ms; rejects with the reason of the signal. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}
