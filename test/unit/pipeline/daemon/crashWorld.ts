import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import {
  createJobControlClient,
  createRegistryClient,
  createRmiClient,
  EMPTY_JOB,
} from '../../../../src/pipeline/rmi/index.ts';
import type { Job } from '../../../../src/pipeline/rmi/index.ts';
import { startSubmissionServer } from '../../watch/submission/server.ts';
import type { SubmissionServer } from '../../watch/submission/server.ts';
import { startMailServer } from '../mail/mailServer.ts';
import type { MailServer } from '../mail/mailServer.ts';

/** The service as a program of its own, built once: it is started many times. */
export interface CrashProgram {
  readonly entry: string;
  dispose(): Promise<void>;
}

const sourceOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export async function buildCrashProgram(): Promise<CrashProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'jobcontrol-program-'));
  await esbuild.build({
    entryPoints: [
      { in: sourceOf('./crashChild.ts'), out: 'crashChild' },
      { in: sourceOf('../../../../src/pipeline/mail/courier/main.ts'), out: 'courier' },
    ],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    mainFields: ['module', 'main'],
    // Payload scripts stay beside the sources.
    define: {
      'import.meta.url': JSON.stringify(import.meta.resolve('../../transformations/payloadSources.ts')),
    },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return {
    entry: join(folder, 'crashChild.mjs'),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A PanDA, a mail server, and a job control service between them that dies and is started again. */
export interface CrashWorld {
  readonly folder: string;
  readonly panda: SubmissionServer;
  readonly mails: MailServer;
  /** Kills of the service so far, its own ones too. */
  readonly deaths: number;
  /** Lines of its log so far. */
  readonly log: () => string;
  /** Starts the service; it is started again without a moment whenever it dies. */
  start(moment: string): void;
  kill(): void;
  /** Whether it takes calls. */
  readonly serves: boolean;
  /** Rejects as the call does. */
  submitOnce(job: Job): Promise<string>;
  /** Submits as a patient pipeline does: again and again until there is an answer. */
  submit(job: Job): Promise<string>;
  dispose(): Promise<void>;
}

export function jobOfInstance(instance: number): Job {
  const env = new Map([
    ['PIPELINE_PROCESSINSTANCE', String(instance)],
    ['PIPELINE_STREAM', '1'],
    ['PIPELINE_TASK', 'phosim'],
  ]);
  const files = new Map([['pipeline_wrapper', 'echo hi\n']]);
  return { ...EMPTY_JOB, command: 'bash pipeline_wrapper', env, files };
}

/** `before`: the words of a program that runs the service, told the world's folder as the first word behind them. */
export async function openCrashWorld(
  { entry }: CrashProgram,
  before: readonly string[] = [],
): Promise<CrashWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'jobcontrol-crash-'));
  const panda = await startSubmissionServer();
  const ended = { jobStatus: 'finished', startTime: '2026-11-28 05:00:00', endTime: '2026-11-28 05:01:00' };
  panda.describeJob = () => ended;
  const mails = await startMailServer();
  const client = createRmiClient();
  let child: ChildProcess | undefined;
  let port: number | undefined;
  let deaths = 0;
  let over = false;
  let log = '';
  const start = (moment: string): void => {
    const words = [panda.profile.server, join(folder, 'state'), String(mails.port), moment];
    const own = [process.execPath, '--disable-warning=ExperimentalWarning', entry, ...words];
    const [file = '', ...rest] = before.length === 0 ? own : [...before, folder, ...own];
    child = spawn(file, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout?.once('data', (text: Buffer) => (port = Number(text.toString())));
    child.stderr?.on('data', (text: Buffer) => (log += text.toString()));
    child.once('exit', () => {
      port = undefined;
      if (over) return;
      deaths += 1;
      start('never');
    });
  };
  const submitOnce = async (job: Job): Promise<string> => {
    if (port === undefined) throw new Error('it does not run');
    const ref = await createRegistryClient(client, { host: '127.0.0.1', port }).lookup(
      'JobControlService-glast',
    );
    return createJobControlClient(client, ref).submit(job, { timeoutMs: 30_000 });
  };
  return {
    folder,
    panda,
    mails,
    submitOnce,
    get serves() {
      return port !== undefined;
    },
    get deaths() {
      return deaths;
    },
    log: () => log,
    start,
    kill: () => void child?.kill('SIGKILL'),
    async submit(job) {
      for (const deadline = performance.now() + 120_000; ;) {
        try {
          return await submitOnce(job);
        } catch (error) {
          if (performance.now() > deadline) throw new Error(log.slice(-2000), { cause: error });
          await sleep(50);
        }
      }
    },
    async dispose() {
      over = true;
      client.close();
      if (child !== undefined) {
        // Of all that write to its log, the courier too.
        const gone = once(child, 'close');
        child.kill('SIGKILL');
        await gone;
      }
      await Promise.all([panda.close(), mails.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
