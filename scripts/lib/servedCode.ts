/** VS Code in the browser, from the npm package `code-server`: what is used where no desktop VS Code can be. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { report, StepError } from './console.ts';
import { npm } from './runQuietly.ts';
import { cache } from './paths.ts';

const version = '4.139.1';

export interface ServedCodeOptions {
  /** Settings and state of the server and of the user who looks at it. */
  readonly dataFolder: string;
  readonly extensionsFolder: string;
  /** Whatever the server says. */
  readonly logFile: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whoever opens a window must know it; undefined lets anybody on this machine in, which is for tests. */
  readonly token: string | undefined;
  /** Lets a page name an extension and a test to load. For tests only. */
  readonly testDriver: boolean;
}

export interface ServedCode {
  readonly port: number;
  /** Address of a window on a folder; `payload` only where there is a test driver. */
  url(folder: string, payload?: Readonly<Record<string, string>>): string;
  /** Path on this machine as the page names it. */
  uri(path: string): string;
  /** Settles when the server ends by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Installs the server once, below `.cache`; returns its main script. */
export async function installServedCode(): Promise<string> {
  const folder = join(cache, `code-server-${version}`);
  const library = 'node_modules/code-server/lib/vscode';
  const entry = join(folder, library, 'out/server-main.js');
  if (existsSync(entry)) return entry;
  report(`Installing VS Code Server (code-server ${version} from npm, about 600 MB) …`);
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await writeFile(join(unfinished, 'package.json'), JSON.stringify({ private: true }));
    await npm(unfinished, ['install', '--ignore-scripts', `code-server@${version}`]);
    await npm(join(unfinished, library), ['install', '--omit=dev', '--ignore-scripts']);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return entry;
}

/** Starts it on a free port of the loopback interface; resolves when it answers. */
export async function startServedCode(options: ServedCodeOptions): Promise<ServedCode> {
  const entry = await installServedCode();
  await mkdir(options.dataFolder, { recursive: true, mode: 0o700 });
  await mkdir(options.extensionsFolder, { recursive: true });
  await mkdir(dirname(options.logFile), { recursive: true });
  const child = spawn(process.execPath, [entry, ...(await serverArguments(options))], {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C comes to us, and stopping takes its extension hosts and terminals along.
    detached: true,
  });
  const ended = once(child, 'exit').then(() => undefined);
  const stop = async (): Promise<void> => {
    signalGroup(child, 'SIGTERM');
    const late = setTimeout(() => signalGroup(child, 'SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
    signalGroup(child, 'SIGKILL');
  };
  try {
    const port = await listeningPort(child, options.logFile);
    return { port, ended, stop, ...addresses(port, options.token) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function serverArguments(options: ServedCodeOptions): Promise<string[]> {
  const tokenFile = join(options.dataFolder, 'connection-token');
  if (options.token !== undefined) await writeFile(tokenFile, options.token, { mode: 0o600 });
  return [
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    ...(options.token === undefined
      ? ['--without-connection-token']
      : ['--connection-token-file', tokenFile]),
    '--accept-server-license-terms',
    '--server-data-dir',
    options.dataFolder,
    '--extensions-dir',
    options.extensionsFolder,
    '--telemetry-level',
    'off',
    '--disable-workspace-trust',
    '--disable-getting-started-override',
    ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
  ];
}

function addresses(port: number, token: string | undefined): Pick<ServedCode, 'url' | 'uri'> {
  const uri = (path: string): string => `vscode-remote://127.0.0.1:${port}${path}`;
  return {
    uri,
    url(folder, payload = {}) {
      const url = new URL(`http://127.0.0.1:${port}/`);
      if (token !== undefined) url.searchParams.set('tkn', token);
      url.searchParams.set('folder', folder);
      const entries = Object.entries(payload);
      if (entries.length > 0) url.searchParams.set('payload', JSON.stringify(entries));
      return url.href;
    },
  };
}

/** Copies what the server says into its log, and finds the port in it. */
async function listeningPort(child: ChildProcess, logFile: string): Promise<number> {
  const log = createWriteStream(logFile, { flags: 'a' });
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      reject(new StepError(`Could not start VS Code Server: ${why}.`, `Read ${logFile}`));
    };
    const late = setTimeout(() => fail('it did not answer within a minute'), 60_000);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        const found = /Extension host agent listening on (\d+)/.exec(line)?.[1];
        if (found === undefined) return;
        clearTimeout(late);
        resolve(Number(found));
      });
    }
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code, signal) => {
      clearTimeout(late);
      log.end();
      fail(`it ended with ${code === null ? `signal ${signal ?? ''}` : `exit code ${code}`}`);
    });
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group is gone already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
