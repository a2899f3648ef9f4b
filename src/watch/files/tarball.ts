import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Header } from 'tar-stream';
import { PandaError } from '../../panda/index.ts';
import { localError } from '../../staging/index.ts';
import { asUsable } from './stagedFiles.ts';
import { readTar, TooLarge } from './tarReader.ts';
import type { TarEnd, TarEntry } from './tarReader.ts';

/** One file in a tarball. */
export interface TarMember {
  /** `/` between folders; leads out of no folder. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Epoch milliseconds, UTC; null where not said. */
  readonly modified: number | null;
}

export interface TarLimits {
  /** Bytes of all that a tarball unpacks to: a small one may unpack to more than any disk holds. */
  readonly unpacked: number;
  readonly members: number;
}

export const TAR_LIMITS: TarLimits = { unpacked: 2 * 1024 ** 3, members: 20_000 };

/** What a tarball holds, so far as it can be read. */
export interface TarContents {
  readonly members: readonly TarMember[];
  /** Why there may be more; null where it was read to its end. */
  readonly trouble: PandaError | null;
}

/**
 * The files in a tarball on this disk, as they come; links and devices, and names that lead elsewhere, are left out. Of one
 * that is cut short, wrong somewhere, or beyond the limits, those before that; rejects where there are none.
 */
export async function listTarball(
  path: string,
  limits: TarLimits,
  signal: AbortSignal | undefined,
): Promise<TarContents> {
  const members: TarMember[] = [];
  let missing = 0;
  const trouble = await walk(path, limits, signal, async (member, content) => {
    let size = 0;
    for await (const piece of content) size += piece.length;
    members.push({ ...member, size });
    missing = member.size - size;
  });
  // What goes beyond the limits is not unpacked in part.
  if (trouble?.kind === 'rejected' && missing > 0) members.pop();
  if (trouble !== null && members.length === 0) throw trouble;
  return { members, trouble };
}

/**
 * Writes one member of a tarball to a file, readable by its owner alone; of several with one name the last, as whoever
 * unpacks it all is left with, and of one that is cut as much as is there. Rejects `notFound` where there is none.
 */
export async function unpackMember(
  path: string,
  name: string,
  target: string,
  limits: TarLimits,
  signal: AbortSignal | undefined,
): Promise<void> {
  let missing: number | undefined;
  const trouble = await walk(path, limits, signal, async (member, content) => {
    if (member.name === name) missing = member.size - (await write(content, target));
  });
  if (missing !== undefined && (missing === 0 || trouble?.kind !== 'rejected')) return;
  if (trouble !== null) throw trouble;
  throw new PandaError({
    kind: 'notFound',
    tried: `read ${name}`,
    cameBack: 'the log has no such file',
    advice: 'Look at the files it has',
  });
}

/** Resolves with how many bytes there were. */
async function write(content: AsyncIterable<Uint8Array>, target: string): Promise<number> {
  const handle = await open(target, 'w', 0o600);
  let bytes = 0;
  try {
    for await (const piece of content) {
      await keep(handle, piece);
      bytes += piece.length;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

async function keep(handle: FileHandle, piece: Uint8Array): Promise<void> {
  try {
    await handle.writeFile(piece);
  } catch (error) {
    throw localError(error, 'keep the log on this disk');
  }
}

type Visit = (member: TarMember, content: TarEntry['content']) => Promise<void>;

/** Goes through the files one by one; resolves with why that ended before the tarball did, or null. */
async function walk(
  path: string,
  limits: TarLimits,
  signal: AbortSignal | undefined,
  visit: Visit,
): Promise<PandaError | null> {
  let count = 0;
  const end = await readTar(path, limits.unpacked, signal, async ({ header, content }) => {
    count += 1;
    if (count > limits.members) return 'enough';
    const member = memberOf(header);
    if (member !== undefined) await visit(member, content);
    return undefined;
  });
  if (count > limits.members) return tooMuch(`it holds more than ${limits.members} files`);
  return troubleOf(count === 0 && end === 'cut' ? new Error('it ends at once') : end, limits);
}

function memberOf({ name, type, size, mtime }: Header): TarMember | undefined {
  if (type !== 'file') return undefined;
  const usable = asUsable(name.replace(/^(?:\.\/)+/u, ''));
  if (usable === undefined) return undefined;
  const modified = mtime?.getTime() ?? Number.NaN;
  return { name: usable, size: size ?? 0, modified: Number.isFinite(modified) ? modified : null };
}

function troubleOf(end: TarEnd, { unpacked }: TarLimits): PandaError | null {
  if (end === 'whole') return null;
  if (end instanceof TooLarge) return tooMuch(`it unpacks to more than ${unpacked} bytes`);
  return new PandaError({
    kind: 'protocol',
    tried: 'unpack all of the log',
    cameBack: end === 'cut' ? 'its tarball is cut short' : `it is no whole tarball (${end.message})`,
    advice: 'Download it again, or tell the operators of the site',
  });
}

function tooMuch(cameBack: string): PandaError {
  return new PandaError({
    kind: 'rejected',
    tried: 'unpack all of the log',
    cameBack,
    advice: 'Download the tarball and unpack it where there is room',
  });
}
