import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../../src/cli/app.ts';
import type { CliIo, OutStream } from '../../../src/cli/io.ts';
import type { CliServices } from '../../../src/cli/services.ts';
import { createPandaClient, signInFor } from '../../../src/panda/index.ts';
import { startSandboxServer } from '../../../src/sandbox/index.ts';
import type { SandboxConnection, SandboxControl, SandboxServer } from '../../../src/sandbox/index.ts';
import { createTransformations } from '../../../src/transformations/index.ts';
import { readPayloadSource } from '../transformations/payloadSources.ts';
import { systemClock } from '../../../src/watch/index.ts';

/** What one call printed, and its exit code. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  /** Gets what takes lines of standard input. */
  readonly onLines?: (onLine: (line: string) => void) => void;
  /** Answers at the terminal; without it there is none. */
  readonly answer?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Columns of a terminal; without it stdout is none. */
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** Told of everything printed on stdout. */
  readonly onPrint?: (text: string) => void;
  /** Told of everything printed on stderr, which is a terminal then. */
  readonly onProgress?: (text: string) => void;
}

/** The commands in this process, on a sandbox server without a pilot, in folders of their own. */
export interface Harness {
  readonly folder: string;
  readonly server: SandboxServer;
  readonly questions: string[];
  /** Pages that were shown in a browser. */
  readonly opened: string[];
  call(words: readonly string[], options?: CallOptions): Promise<Printed>;
  dispose(): Promise<void>;
}

export async function createHarness(): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  const server = await startSandboxServer({
    dataFolder: join(folder, 'home', 'sandbox'),
    owner: 'panda',
    setUpDelay: 0,
  });
  const questions: string[] = [];
  const opened: string[] = [];
  const services = createServices(server, folder, opened);
  return {
    folder,
    server,
    questions,
    opened,
    async call(words, options = {}) {
      const printed = { stdout: '', stderr: '' };
      const stdout = capture((text) => {
        printed.stdout += text;
        options.onPrint?.(text);
      }, options.columns);
      const io: CliIo = {
        stdout,
        stderr: capture(
          (text) => {
            printed.stderr += text;
            options.onProgress?.(text);
          },
          options.onProgress === undefined ? undefined : 80,
        ),
        env: {
          DESC_PANDA_HOME: join(folder, 'home'),
          XDG_CONFIG_HOME: join(folder, 'config'),
          ...options.env,
        },
        cwd: folder,
        home: folder,
        userName: 'panda',
        userId: 1000,
        clock: systemClock,
        // Submission ids then end with 00, by which golden texts know them.
        random: () => 0,
        signal: options.signal ?? new AbortController().signal,
        ask: (question) => {
          if (options.answer !== undefined) questions.push(question);
          return Promise.resolve(options.answer);
        },
        lines: (onLine) => {
          options.onLines?.(onLine);
          return { dispose: () => undefined };
        },
      };
      const code = await runCli(words, io, services);
      return { code, ...printed };
    },
    async dispose() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function createServices(server: SandboxServer, folder: string, opened: string[]): CliServices {
  const connection: SandboxConnection = { url: server.url, token: server.token, pid: 1, startedAt: 0 };
  const control: SandboxControl = {
    start: () => Promise.resolve(connection),
    status: () =>
      Promise.resolve({ running: true, connection, dataFolder: join(folder, 'home', 'sandbox'), jobs: {} }),
    stop: () => Promise.resolve(true),
    reset: () => Promise.resolve(),
  };
  return {
    version: '0.0.0',
    createClient: (profile, tokens) => createPandaClient(profile, tokens === undefined ? {} : { tokens }),
    signIn: (profile) => signInFor(profile, { delay: () => Promise.resolve() }),
    openLink: (url) => opened.push(url),
    createSandbox: () => Promise.resolve(control),
    courierProgram: fileURLToPath(new URL('../../../src/pipeline/mail/courier/main.ts', import.meta.url)),
    transformations: () => Promise.resolve(createTransformations(readPayloadSource)),
  };
}

function capture(take: (text: string) => void, columns: number | undefined): OutStream {
  return {
    write: take,
    flush: () => Promise.resolve(),
    isTTY: columns !== undefined,
    columns,
    rows: columns === undefined ? undefined : 24,
  };
}

/** Text with everything that differs from run to run replaced: `ID`, `URL`, `TIME`, `SUBMISSION`, … */
export function golden(text: string, harness: Harness): string {
  return text
    .replaceAll(harness.server.url, 'URL')
    .replaceAll(join(harness.folder, 'home'), 'HOME')
    .replaceAll(harness.folder, 'FOLDER')
    .replace(/\b1\d{9}\b/g, 'PANDAID')
    .replace(/\b[a-z0-9]{8}00\b/g, 'SUBMISSION')
    .replace(/(\/staging\/panda\/)\d{4}-\d\d-\d\d\b/g, '$1DATE')
    .replace(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?( UTC|Z)?/g, 'TIME')
    .replace(/^\d\d:\d\d:\d\d/gm, 'TIME')
    .replace(/\bnow\b|\d+ s ago/g, 'AGO')
    .replace(/< 1 s|\b\d+ s\b(?! CPU)/g, 'DURATION')
    .replace(/\d+  +\d+\.\d GB   1 d/g, 'LIMITS')
    .replace(/ \(\d+ ms\)/g, ' (N ms)')
    .replace(/(127\.0\.0\.1 port )\d{4,}/g, '$1PORT')
    .replace(/-[0-9a-f]{12}\.sh/g, '-HASH.sh')
    .replace(/jobO\.[0-9a-f]{32}/g, 'jobO.HASH')
    .replace(/(jobDefinitionID +)\d+/, '$1NUMBER')
    .replace(/\S+ .B free/g, 'SPACE free')
    .replace(/Node \S+, .*/g, 'Node …');
}
