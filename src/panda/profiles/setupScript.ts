import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { isAbsolute } from 'node:path';
import { systemCode } from '../errors/systemCode.ts';
import { cleanText } from '../text/cleanText.ts';
import { ProfileError } from './profileError.ts';
import type { SetupVariables } from './variables.ts';

export interface SetupOptions {
  /** The environment that the script starts from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Scripts on CVMFS take a while the first time. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
const MOST_BYTES = 4 * 1024 * 1024;
/** What of a script's environment is of use here; everything else is let go at once. */
const KEPT = /^(?:PANDA_\w+|PANDAMON_URL|PANDACACHE_URL|OIDC_\w+|X509_\w+|https?_proxy|no_proxy)$/i;

/**
 * The script's name is an argument, never part of the command, and the script gets none. What it prints goes nowhere, and the environment comes back on a
 * channel of its own, which what the script leaves running does not hold open; each variable is ended by a zero byte.
 */
const SOURCE_AND_TELL = 'script=$1; shift; . "$script" </dev/null >/dev/null 3>&-; /usr/bin/env -0 >&3';

/**
 * Sources a shell script as one does in a terminal (`bash`, or `sh` where there is none), and gives the PanDA variables
 * that it exports. Rejects with ProfileError, or with the signal's reason; the script and what it started are ended then.
 */
export async function readSetupScript(file: string, options: SetupOptions): Promise<SetupVariables> {
  if (!isAbsolute(file)) {
    throw new ProfileError(`The set-up script ${file} is not an absolute path.`, 'Give its whole path');
  }
  if (process.platform === 'win32') {
    throw new ProfileError('Set-up scripts need a Unix shell.', 'Write a profile instead');
  }
  options.signal?.throwIfAborted();
  await checkScript(file);
  const { text, end, said } = await run('bash', file, options).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return run('sh', file, options);
    throw error;
  });
  if (text === '') throw silent(file, end, said);
  const exported: Record<string, string> = {};
  for (const entry of text.split('\0')) {
    const equals = entry.indexOf('=');
    const name = entry.slice(0, equals);
    const value = entry.slice(equals + 1);
    if (equals > 0 && KEPT.test(name) && options.env[name] !== value) exported[name] = value;
  }
  const line = lastLine(said);
  return { file, exported, ...(line === '' ? {} : { said: line }) };
}

/** Rejects with ProfileError where it is nothing that `bash` and `sh` can source. */
async function checkScript(file: string): Promise<void> {
  const start = await firstBytes(file).catch((error: unknown) => {
    const why =
      systemCode(error) === 'ENOENT'
        ? 'is not there'
        : systemCode(error) === 'EISDIR'
          ? 'is a folder'
          : 'cannot be read';
    throw new ProfileError(`The set-up script ${file} ${why}.`, 'Name another one');
  });
  if (/\.t?csh$/u.test(file) || /^#!\s*\S*(?:\/|env\s+)t?csh\b/u.test(start)) throw forCsh(file);
}

async function firstBytes(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(100), 0, 100, null);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function forCsh(file: string): ProfileError {
  return new ProfileError(
    `The set-up script ${file} is written for csh.`,
    'Name the one for bash or sh that stands beside it, or write a profile instead',
  );
}

interface Told {
  readonly text: string;
  readonly end: string;
  /** The end of what it wrote to stderr. */
  readonly said: string;
}

async function run(
  shell: string,
  file: string,
  { env, signal, timeoutMs = TIMEOUT_MS }: SetupOptions,
): Promise<Told> {
  const ending = new AbortController();
  const timer = setTimeout(() => {
    ending.abort(
      new ProfileError(`The set-up script ${file} did not end within ${timeoutMs / 1000} s.`, LOOK),
    );
  }, timeoutMs);
  const stop = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
  // A group of its own, so that all of it can be ended.
  const child = spawn(shell, ['-c', SOURCE_AND_TELL, shell, file], {
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    said = (said + piece).slice(-2000);
  });
  try {
    const [text, [code, killedBy]] = await Promise.all([
      readAll(child.stdio[3] as Readable, stop, file),
      once(child, 'exit', { signal: stop }) as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    return { text, end: killedBy ?? `exit code ${code ?? 0}`, said };
  } catch (error) {
    endGroup(child);
    stop.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    child.stderr?.destroy();
  }
}

async function readAll(stream: Readable, signal: AbortSignal, file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const onAbort = (): void => void stream.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new ProfileError(`The set-up script ${file} exports too much.`, LOOK);
    chunks.push(chunk);
  }
  signal.removeEventListener('abort', onAbort);
  return Buffer.concat(chunks).toString('utf8');
}

const LOOK = 'Source it in a terminal, without arguments, to see what it does';

function lastLine(said: string): string {
  return cleanText(said.trim().split('\n').at(-1) ?? '');
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function silent(file: string, end: string, said: string): ProfileError {
  const last = lastLine(said);
  const words = last === '' ? '' : `: ${last}`;
  return new ProfileError(`The set-up script ${file} ended by itself (${end})${words}.`, LOOK);
}
