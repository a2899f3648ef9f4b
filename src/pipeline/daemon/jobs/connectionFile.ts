import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** Where a running daemon answers; kept in files that only its owner reads. */
export interface DaemonConnection {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** Name of its machine: folders may be shared by several. */
  readonly host: string;
  /** Its folder. */
  readonly state: string;
}

/** The name of the file in a daemon's state folder. */
export const CONNECTION_FILE = 'connection.json';

const LARGEST = 64 * 1024;
const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);

/** Where a daemon is noted for other programs of its user. */
export function announcedFile(folder: string, state: string): string {
  return join(folder, `${createHash('sha256').update(state).digest('hex').slice(0, 16)}.json`);
}

/** In one step, so that whoever finds the file may call at once. Makes its folder. Rejects with the system's error. */
export async function writeConnection(file: string, connection: DaemonConnection): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(connection)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/** Undefined while there is none, or it is not one. Rejects with the system's error where it may not be read. */
export async function readDaemonConnection(file: string): Promise<DaemonConnection | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT.has(error.code)) return undefined;
    throw error;
  }
  const { url, token, pid, host, state } = objectIn(text);
  if (typeof url !== 'string' || typeof token !== 'string') return undefined;
  if (typeof host !== 'string' || typeof state !== 'string' || !isAbsolute(state)) return undefined;
  // The token goes nowhere but to this machine.
  if (!/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(url) || !/^[\w-]{1,200}$/.test(token)) return undefined;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return { url, token, pid, host, state };
}

/** Connection files of the daemons that were noted in a folder and run on the machine `host`. */
export async function announcedDaemons(folder: string, host: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /^[0-9a-f]{16}\.json$/.test(name)).map((name) => join(folder, name));
  const found = await Promise.all(
    files.map(async (file) => {
      const connection = await readDaemonConnection(file).catch(() => undefined);
      if (connection?.host !== host || !isProcess(connection.pid)) return undefined;
      return join(connection.state, CONNECTION_FILE);
    }),
  );
  return found.filter((file) => file !== undefined);
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // Gone, or somebody else's.
  }
}

function objectIn(text: string): Partial<Record<keyof DaemonConnection, unknown>> {
  if (text.length > LARGEST) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
