import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Header } from 'tar-stream';
import { PandaError } from '../../panda/index.ts';
import { localError, StagingError } from '../../staging/index.ts';
import { asUsable } from './stagedFiles.ts';

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

/** The files in a tarball on this disk, as they come; links and devices, and names that lead elsewhere, are left out. */
export async function listTarball(
  path: string,
  limits: TarLimits,
  signal: AbortSignal | undefined,
): Promise<readonly TarMember[]> {
  const members: TarMember[] = [];
  await walk(path, limits, signal, (member) => {
    members.push(member);
    return Promise.resolve(false);
  });
  return members;
}

/**
 * Writes one member of a tarball to a file, readable by its owner alone; of several with one name the last, as whoever
 * unpacks it all is left with. Rejects `notFound` where there is none.
 */
export async function unpackMember(
  path: string,
  name: string,
  target: string,
  limits: TarLimits,
  signal: AbortSignal | undefined,
): Promise<void> {
  let found = false;
  await walk(path, limits, signal, async (member, content) => {
    if (member.name !== name) return false;
    found = true;
    await write(content, target);
    return true;
  });
  if (!found) {
    throw new PandaError({
      kind: 'notFound',
      tried: `read ${name}`,
      cameBack: 'the log has no such file',
      advice: 'Look at the files it has',
    });
  }
}

async function write(content: AsyncIterable<unknown>, target: string): Promise<void> {
  const handle = await open(target, 'w', 0o600);
  try {
    for await (const piece of content) {
      if (!(piece instanceof Uint8Array)) continue;
      await handle.writeFile(piece).catch((error: unknown) => {
        throw localError(error, 'keep the log on this disk');
      });
    }
  } finally {
    await handle.close();
  }
}

type Visit = (member: TarMember, content: AsyncIterable<unknown>) => Promise<boolean>;

/** Goes through the files one by one; `visit` says whether it has read the content. */
async function walk(
  path: string,
  limits: TarLimits,
  signal: AbortSignal | undefined,
  visit: Visit,
): Promise<void> {
  // The default is all that is left of a CommonJS module that is bundled by itself.
  const { default: tarStream } = await import('tar-stream');
  const tar = tarStream.extract();
  const options = signal === undefined ? {} : { signal };
  const source = createReadStream(path);
  const meter = bounded(limits.unpacked);
  const feeding = (await isPacked(path))
    ? pipeline(source, createGunzip(), meter, tar, options)
    : pipeline(source, meter, tar, options);
  const fed = feeding.then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    let count = 0;
    for await (const entry of tar) {
      // Trouble with the whole is told by what feeds it.
      entry.on('error', () => undefined);
      count += 1;
      if (count > limits.members) throw tooMuch(`it holds more than ${limits.members} files`);
      const member = memberOf(entry.header);
      if (member === undefined || !(await visit(member, entry))) entry.resume();
    }
    const trouble = await fed;
    if (trouble !== undefined) throw toError(trouble);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof PandaError || error instanceof StagingError ? error : unreadable(error);
  }
}

function toError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}

function memberOf({ name, type, size, mtime }: Header): TarMember | undefined {
  if (type !== 'file') return undefined;
  const usable = asUsable(name.replace(/^(?:\.\/)+/u, ''));
  if (usable === undefined) return undefined;
  const modified = mtime?.getTime() ?? Number.NaN;
  return { name: usable, size: size ?? 0, modified: Number.isFinite(modified) ? modified : null };
}

/** Passes on so many bytes and no more. */
function bounded(most: number): Transform {
  let passed = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      passed += piece.length;
      if (passed > most) done(tooMuch(`it unpacks to more than ${most} bytes`));
      else done(null, piece);
    },
  });
}

async function isPacked(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

function tooMuch(cameBack: string): PandaError {
  return new PandaError({
    kind: 'rejected',
    tried: 'unpack the log',
    cameBack,
    advice: 'Download the tarball and unpack it where there is room',
  });
}

function unreadable(error: unknown): PandaError {
  return new PandaError({
    kind: 'protocol',
    tried: 'unpack the log',
    cameBack: `it is no whole tarball (${error instanceof Error ? error.message : String(error)})`,
    advice: 'Download it again, or tell the operators of the site',
  });
}
