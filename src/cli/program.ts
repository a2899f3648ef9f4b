/** Puts together what the command line has of the outside world, and runs it. */
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { createPandaClient, signInFor } from '../panda/index.ts';
import { systemClock, type Disposable } from '../watch/index.ts';
import { runCli } from './app.ts';
import { EXIT } from './exitCodes.ts';
import type { ExitCode } from './exitCodes.ts';
import type { CliIo } from './io.ts';
import { BrokenPipe, createOutStream } from './outStream.ts';
import { openLink } from './openLink.ts';
import type { CliServices } from './services.ts';
import { readVersion } from './version.ts';

function createServices(dist: string): CliServices {
  const version = readVersion(dist);
  const userAgent = `desc-panda/${version}`;
  return {
    version,
    createClient: (profile, tokens, monitorCache) =>
      createPandaClient(profile, {
        userAgent,
        ...(tokens === undefined ? {} : { tokens }),
        ...(monitorCache === undefined ? {} : { monitorCache }),
      }),
    signIn: (profile) => signInFor(profile, { userAgent }),
    openLink,
    createSandbox: async (options) => {
      const { createSandboxControl } = await import('../sandbox/index.ts');
      return createSandboxControl({
        options,
        nodePath: process.execPath,
        mainEntry: join(dist, 'sandbox', 'main.js'),
        payloadFolder: join(dist, 'payloads'),
        env: process.env,
        version,
      });
    },
    courierProgram: join(dist, 'pipeline', 'courier.js'),
    transformations: async () => {
      const { createTransformations, payloadFolderReader } = await import('../transformations/index.ts');
      return createTransformations(payloadFolderReader(join(dist, 'payloads')));
    },
  };
}

/** A user without an entry in the system's list still has a number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'user');
  }
}

/** The folder one is in may have been removed: names are then looked for at home. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return homedir();
  }
}

async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question, { signal });
  } finally {
    terminal.close();
  }
}

function readLines(onLine: (line: string) => void, onEnd: () => void): Disposable {
  const reader = createInterface({ input: process.stdin, terminal: false });
  reader.on('line', onLine);
  reader.on('close', onEnd);
  return {
    dispose: () => {
      reader.off('close', onEnd);
      reader.close();
      // An open pipe would keep the program.
      process.stdin.destroy();
    },
  };
}

/** Runs the program with the words of its command line; the process ends by itself. `dist`: the folder of the build. */
export async function runProgram(dist: string): Promise<void> {
  const ending = new AbortController();
  let closedCode: ExitCode | undefined;
  const onSignal = (): void => {
    // The first asks for an end in order, the second is obeyed at once.
    if (ending.signal.aborted) process.exit(EXIT.interrupted);
    ending.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  const onClosed = (error: NodeJS.ErrnoException): void => {
    closedCode = error.code === 'EPIPE' ? EXIT.brokenPipe : EXIT.local;
    if (error.code !== 'EPIPE') process.stderr.write(`Could not write the output: ${error.message}.\n`);
    // The last text may fail when all else is done.
    process.exitCode = closedCode;
    ending.abort(new BrokenPipe());
  };
  const io: CliIo = {
    stdout: createOutStream(process.stdout, onClosed),
    stderr: createOutStream(process.stderr, () => undefined),
    env: process.env,
    cwd: workingFolder(),
    home: homedir(),
    userName: userName(),
    userId: process.getuid?.(),
    clock: systemClock,
    random: Math.random,
    signal: ending.signal,
    ask: (question) => ask(question, ending.signal),
    lines: readLines,
  };
  const code = await runCli(process.argv.slice(2), io, createServices(dist));
  process.exitCode = closedCode ?? code;
}
