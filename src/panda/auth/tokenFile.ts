import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../errors/systemCode.ts';
import { PandaError } from '../errors/errors.ts';
import { withLockFile } from './lockFile.ts';
import type { LockTools } from './lockFile.ts';
import { parseTokenSet } from './tokenSet.ts';
import type { TokenSet } from './tokenSet.ts';
import type { TokenStore } from './tokenStore.ts';

/** The name that the official client gives its file. */
const NAME = '.token';
/** Token sets have some kilobytes. */
const ROOM = 64 * 1024;
const MOST_BYTES = 1024 * 1024;

/** The file in which the official client keeps its sign-in, so that each finds what the other left. */
export function tokenFile(folder: string, tools: LockTools): TokenStore {
  const file = join(folder, NAME);
  return {
    where: file,
    read: () => translated(file, 'read', () => readTokens(file)),
    async update(change, signal) {
      await translated(file, 'write', () => mkdir(folder, { recursive: true, mode: 0o700 }));
      await withLockFile(`${file}.lock`, tools, signal, async () => {
        const stored = await readTokens(file);
        const room = await makeRoom(file);
        try {
          const tokens = await change(stored);
          if (tokens !== undefined) await room.fill(`${JSON.stringify(tokens)}\n`);
        } finally {
          await room.dispose();
        }
      }).catch((error: unknown) => {
        throw translate(error, file, 'write');
      });
    },
    // In turn with `update`: a renewal under way would else bring back what was signed out.
    clear: () =>
      translated(file, 'remove', async () => {
        if (!(await isThere(file))) return false;
        return withLockFile(`${file}.lock`, tools, undefined, async () => {
          const had = await isThere(file);
          await rm(file, { force: true });
          return had;
        });
      }),
  };
}

async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function readTokens(file: string): Promise<TokenSet | undefined> {
  let text: string;
  try {
    text = await readBounded(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return parseTokenSet(JSON.parse(text));
  } catch {
    // Half a file of the official client, which writes in place: as good as none. The parser's words would quote it.
    return undefined;
  }
}

async function readBounded(file: string): Promise<string> {
  // A pipe in its place would be waited for without end.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const facts = await handle.stat();
    return !facts.isFile() || facts.size > MOST_BYTES ? '' : await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** Room on the disk for a new content, which then replaces the file at once. */
interface Room {
  fill(text: string): Promise<void>;
  dispose(): Promise<void>;
}

/** A full disk must show before a refresh token is spent, not after. */
async function makeRoom(file: string): Promise<Room> {
  const target = await realpath(file).catch(() => file);
  const temporary = `${target}.${randomUUID()}`;
  let handle: FileHandle | undefined = await open(temporary, 'wx', 0o600);
  const close = async (): Promise<void> => {
    const open = handle;
    handle = undefined;
    await open?.close();
  };
  const dispose = async (): Promise<void> => {
    await close();
    await rm(temporary, { force: true });
  };
  try {
    await handle.writeFile(' '.repeat(ROOM));
    await handle.sync();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    dispose,
    async fill(text) {
      await handle?.write(text, 0, 'utf8');
      await handle?.truncate(Buffer.byteLength(text));
      await handle?.sync();
      await close();
      await rename(temporary, target);
    },
  };
}

async function translated<T>(file: string, verb: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw translate(error, file, verb);
  }
}

/** An error of the file system as one for people; any other as it is. */
function translate(error: unknown, file: string, verb: string): unknown {
  const code = systemCode(error);
  if (typeof code !== 'string' || error instanceof PandaError) return error;
  return new PandaError({
    kind: 'rejected',
    tried: `${verb} the sign-in`,
    cameBack: `${file} cannot be used (${NO_ROOM[code] ?? code})`,
    advice:
      'Free some space, mend the rights of its folder, or name another one with configRoot in the profile',
  });
}

const NO_ROOM: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is used up',
  EFBIG: 'no file may be so large',
};
