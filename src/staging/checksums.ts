import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { adler32, formatAdler32 } from '../panda/index.ts';
import type { Checksums } from './api.ts';

/** Read at a time: small enough that other work goes on in between. */
const PIECE = 1024 * 1024;

/** Takes bytes piece by piece; `checksums()` ends it. */
export interface Summer {
  add(bytes: Uint8Array): void;
  checksums(): Checksums;
}

export function createSummer(): Summer {
  const sha256 = createHash('sha256');
  let adler = 1;
  let size = 0;
  return {
    add(bytes) {
      sha256.update(bytes);
      adler = adler32(bytes, adler);
      size += bytes.length;
    },
    checksums: () => ({ size, adler32: formatAdler32(adler), sha256: sha256.digest('hex') }),
  };
}

export function checksumsOf(bytes: Uint8Array): Checksums {
  const summer = createSummer();
  summer.add(bytes);
  return summer.checksums();
}

export function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Sums of a whole file, and MD5 sums (hexadecimal) of its parts; an empty file has one empty part. */
export interface FileSums {
  readonly checksums: Checksums;
  readonly partMd5: readonly string[];
}

/** Sums an open file from its beginning, in little memory. */
export async function checksumsOfFile(
  handle: FileHandle,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Checksums> {
  const summer = createSummer();
  for await (const bytes of piecesOf(handle, 0, Number.POSITIVE_INFINITY, options.signal)) summer.add(bytes);
  return summer.checksums();
}

/** MD5 of part of a file, hexadecimal. */
export async function md5OfPart(
  handle: FileHandle,
  from: number,
  length: number,
  signal?: AbortSignal,
): Promise<string> {
  const md5 = createHash('md5');
  for await (const bytes of piecesOf(handle, from, length, signal)) md5.update(bytes);
  return md5.digest('hex');
}

/**
 * Bytes `[from, from + length)` of a file, less where it ends before. A piece is valid until the next one is asked for:
 * while one is worked on, the next is being read into the other buffer.
 */
async function* piecesOf(
  handle: FileHandle,
  from: number,
  length: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafe(PIECE), Buffer.allocUnsafe(PIECE)] as const;
  let position = from;
  let left = length;
  const read = (turn: number): Promise<Uint8Array> => {
    const buffer = turn % 2 === 0 ? buffers[0] : buffers[1];
    const wanted = Math.min(PIECE, left);
    if (wanted === 0) return Promise.resolve(new Uint8Array());
    return handle.read(buffer, 0, wanted, position).then(({ bytesRead }) => buffer.subarray(0, bytesRead));
  };
  let next = read(0);
  try {
    for (let turn = 1; ; turn += 1) {
      const bytes = await next;
      signal?.throwIfAborted();
      if (bytes.length === 0) return;
      position += bytes.length;
      left -= bytes.length;
      next = read(turn);
      yield bytes;
    }
  } finally {
    // Nobody may close the file under a read that is under way.
    await next.catch(() => undefined);
  }
}

/** Says whether bytes are what they must be. */
export interface SumCheck {
  add(bytes: Uint8Array): void;
  /** What is wrong, in words; undefined where everything agrees. Ends it. */
  trouble(): string | undefined;
}

/** By the length, and by the best sum that is known: each takes its time. */
export function createSumCheck(expected: Partial<Checksums>): SumCheck {
  const sha256 = expected.sha256 === undefined ? undefined : createHash('sha256');
  const summed = sha256 === undefined && expected.adler32 !== undefined;
  let adler = 1;
  let size = 0;
  return {
    add(bytes) {
      sha256?.update(bytes);
      if (summed) adler = adler32(bytes, adler);
      size += bytes.length;
    },
    trouble: () =>
      checksumTrouble(expected, {
        size,
        ...(sha256 === undefined ? {} : { sha256: sha256.digest('hex') }),
        ...(summed ? { adler32: formatAdler32(adler) } : {}),
      }),
  };
}

/** What is wrong with what arrived, in words; undefined where all agrees that both know. Size first, then the sums. */
export function checksumTrouble(expected: Partial<Checksums>, found: Partial<Checksums>): string | undefined {
  if (differ(expected.size, found.size)) {
    return `${found.size} bytes came, ${expected.size} were expected`;
  }
  if (differ(expected.sha256, found.sha256)) {
    return `its sha256 is ${found.sha256?.slice(0, 16)}…, not ${expected.sha256?.slice(0, 16)}…`;
  }
  if (differ(expected.adler32?.padStart(8, '0'), found.adler32)) {
    return `its adler32 is ${found.adler32}, not ${expected.adler32}`;
  }
  return undefined;
}

function differ<T>(one: T | undefined, other: T | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}
