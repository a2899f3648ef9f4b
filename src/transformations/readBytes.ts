import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { Gunzip } from 'node:zlib';

/** Why a file could not be read, or not to its end. */
export type ReadTrouble =
  'missing' | 'folder' | 'notFile' | 'notAllowed' | 'truncated' | 'damaged' | 'misnamed' | 'unreadable';

const TEXTS: Readonly<Record<ReadTrouble, string>> = {
  missing: 'there is no such file',
  folder: 'it is a folder',
  notFile: 'it is no ordinary file',
  notAllowed: 'you may not read it',
  truncated: 'it ends too early',
  damaged: 'it is damaged',
  misnamed: 'its name does not fit its content',
  unreadable: 'the disk does not give it',
};

/** A file cannot be read; says only which kind of trouble it is, as the reader of the message knows which file. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
  readonly trouble: ReadTrouble;

  constructor(trouble: ReadTrouble, cause?: unknown) {
    super(TEXTS[trouble], { cause });
    this.trouble = trouble;
  }
}

/** An open regular file. */
export interface OpenFile {
  readonly size: number;
  /** When it was last changed, epoch ms. */
  readonly modified: number;
  /** The same for two names of one file. */
  readonly identity: string;
  /** Its owner may run it. */
  readonly executable: boolean;
  /** It is gzip, whatever its name. */
  readonly packed: boolean;
  /** Its bytes piece by piece, unpacked where they are gzip; a piece is good until the next is asked for. */
  pieces(signal: AbortSignal, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array>;
  /** Its first bytes as they are stored, at most `most`. */
  head(most: number, signal?: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Enough to make reading cheap, little enough to let others have their turn. */
const PIECE = 256 * 1024;

/** Opens a regular file. Does not wait for pipes and devices, but rejects with a ReadError. */
export async function openFile(path: string): Promise<OpenFile> {
  const handle = await openHandle(path);
  try {
    const facts = await handle.stat();
    if (facts.isDirectory()) throw new ReadError('folder');
    if (!facts.isFile()) throw new ReadError('notFile');
    const head = new Uint8Array(2);
    await read(handle, head, 0);
    const packed = isGzip(head);
    return {
      size: facts.size,
      modified: facts.mtimeMs,
      identity: `${facts.dev}:${facts.ino}`,
      executable: (facts.mode & 0o100) !== 0,
      packed,
      pieces: (signal, onRead) => {
        const pieces = rawPieces(handle, signal, onRead);
        return packed ? gunzipped(pieces, signal) : pieces;
      },
      head: (most, stop) => readHead(handle, Math.min(most, facts.size), stop),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openHandle(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    throw new ReadError(TROUBLES[String(code)] ?? 'unreadable', error);
  }
}

const TROUBLES: Readonly<Record<string, ReadTrouble>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  ENAMETOOLONG: 'missing',
  ERR_INVALID_ARG_VALUE: 'missing',
  EACCES: 'notAllowed',
  EPERM: 'notAllowed',
  ENXIO: 'notFile',
  ELOOP: 'missing',
};

async function* rawPieces(
  handle: FileHandle,
  signal: AbortSignal,
  onRead: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(PIECE);
  let position = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await read(handle, buffer, position);
    position += bytesRead;
    if (bytesRead === 0) return;
    onRead(bytesRead);
    yield buffer.subarray(0, bytesRead);
  }
}

async function read(
  handle: FileHandle,
  buffer: Uint8Array,
  position: number,
): Promise<{ bytesRead: number }> {
  try {
    return await handle.read(buffer, 0, buffer.length, position);
  } catch (error) {
    throw new ReadError('unreadable', error);
  }
}

async function readHead(
  handle: FileHandle,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    signal?.throwIfAborted();
    const { bytesRead } = await read(handle, buffer.subarray(filled), filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** Bytes that are in memory already, piece by piece, with a pause for others between them; gzip is unpacked. */
export function memoryPieces(content: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const pieces = slices(content, signal);
  return isGzip(content) ? gunzipped(pieces, signal) : pieces;
}

async function* slices(content: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += PIECE) {
    signal.throwIfAborted();
    yield content.subarray(at, at + PIECE);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** True for the first bytes of gzip. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Bytes of the mark that some editors put before UTF-8. */
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/** The bytes behind a byte order mark; all of them where there is none. */
export function withoutMark(bytes: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)
    ? bytes.subarray(BYTE_ORDER_MARK.length)
    : bytes;
}

async function* gunzipped(
  pieces: AsyncGenerator<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: PIECE });
  let failure: Error | undefined;
  const feeding = feed(gunzip, pieces).catch((error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error));
    gunzip.destroy();
  });
  try {
    for await (const piece of gunzip) {
      signal.throwIfAborted();
      if (piece instanceof Uint8Array) yield piece;
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (failure !== undefined) throw failure;
    if (code === 'Z_BUF_ERROR') throw new ReadError('truncated', error);
    if (String(code).startsWith('Z_')) throw new ReadError('damaged', error);
    throw error;
  } finally {
    gunzip.destroy();
    await feeding;
  }
}

async function feed(gunzip: Gunzip, pieces: AsyncGenerator<Uint8Array>): Promise<void> {
  // The piece is overwritten by the next read, so that each is only replaced once it has been taken in.
  const write = (piece: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      if (gunzip.destroyed) resolve();
      else {
        const done = (): void => {
          gunzip.off('close', done);
          resolve();
        };
        gunzip.once('close', done);
        gunzip.write(piece, done);
      }
    });
  for await (const piece of pieces) {
    if (gunzip.destroyed) return;
    await write(piece);
  }
  gunzip.end();
}
