import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import type { CacheFile, InputFile, Problem } from '../panda/index.ts';

/** A file to go into a tarball. */
export interface TarballEntry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/**
 * Packs files into the one tarball of a job. The same files give the same bytes and so the same name, which is what
 * lets the cache keep one copy. Written here because packing must not wait: requests are built at a keystroke.
 */
export function packTarball(entries: readonly TarballEntry[]): CacheFile {
  const content = gzipSync(Buffer.concat([...encode(entries)]), { level: LEVEL });
  hideSystem(content);
  return { name: cacheName(createHash('sha256').update(content).digest('hex')), content };
}

/** The same for more files than a keystroke may wait for. */
export async function packLargeTarball(entries: readonly TarballEntry[]): Promise<CacheFile> {
  const { content, sha256 } = await packInPieces(entries);
  return { name: cacheName(sha256), content };
}

/** Packs files while others have their turn; the hash is of the packed content. Rejects with the reason of the signal. */
export async function packInPieces(
  entries: readonly TarballEntry[],
  signal?: AbortSignal,
): Promise<{ readonly content: Uint8Array; readonly sha256: string }> {
  const hash = createHash('sha256');
  const pieces: Buffer[] = [];
  const take = async (packed: AsyncIterable<Buffer>): Promise<void> => {
    for await (const piece of packed) {
      if (pieces.length === 0) hideSystem(piece);
      hash.update(piece);
      pieces.push(piece);
    }
  };
  const options = signal === undefined ? {} : { signal };
  await pipeline(Readable.from(encode(entries)), createGzip({ level: LEVEL }), take, options).catch(
    (error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    },
  );
  return { content: Buffer.concat(pieces), sha256: hash.digest('hex') };
}

/** A PanDA server takes no larger tarball of this kind, bytes. */
export const MAX_TARBALL = 10 * 1024 * 1024;

/** The problem of files that do not fit into a tarball, and have no other way to the job. */
export function tooLargeToSend(what: string, files: readonly InputFile[]): Problem {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  const message = `${what} (${size}) do not fit into the 10 MB that PanDA takes: use a profile that says where files are staged.`;
  return { where: 'file', message };
}

const LEVEL = 9;

function* encode(entries: readonly TarballEntry[]): Generator<Buffer> {
  for (const entry of entries) yield* encodeEntry(entry);
  yield Buffer.alloc(2 * BLOCK);
}

/** Else it names the machine it was packed on. */
function hideSystem(start: Buffer): void {
  start[GZIP_SYSTEM] = UNKNOWN_SYSTEM;
}

function cacheName(sha256: string): string {
  return `jobO.${sha256.slice(0, 32)}.tar.gz`;
}

const BLOCK = 512;
const GZIP_SYSTEM = 9;
const UNKNOWN_SYSTEM = 255;
/** Bytes a name may have in a plain header; longer ones, and those beyond ASCII, get a header of their own. */
const PLAIN_NAME = 100;

function encodeEntry({ name, content, executable }: TarballEntry): Buffer[] {
  const mode = executable ? 0o755 : 0o644;
  const file = [header(asPlainName(name), content.length, mode, '0'), padded(content)];
  if (asPlainName(name) === name) return file;
  const record = paxRecord('path', name);
  return [header('PaxHeader', record.length, 0o644, 'x'), padded(record), ...file];
}

function asPlainName(name: string): string {
  return name.replace(/[^\u0020-\u007e]/gu, '_').slice(0, PLAIN_NAME);
}

/** A ustar header (POSIX.1-1988): text fields padded with NUL, numbers in octal, a sum over all bytes. */
function header(name: string, size: number, mode: number, type: '0' | 'x'): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, '0') + '\0';
  block.write(name, 0, 'latin1');
  block.write(octal(mode, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1'); // Owner and group: root, which means nobody when unpacked by a user.
  block.write(octal(0, 8), 116, 'latin1');
  block.write(octal(size, 12), 124, 'latin1');
  block.write(octal(0, 12), 136, 'latin1'); // Modified at the epoch, always.
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)} `, 148, 'latin1');
  return block;
}

/** `<length> <key>=<value>\n`, where the length counts its own digits too. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function padded(content: Uint8Array): Buffer {
  const rest = content.length % BLOCK;
  return Buffer.concat([content, Buffer.alloc(rest === 0 ? 0 : BLOCK - rest)]);
}
