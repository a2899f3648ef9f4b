import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createPandaClient } from '../../src/panda/index.ts';
import { readConnection, sandboxLayout, sandboxProfile } from '../../src/sandbox/index.ts';
import type { SandboxConnection } from '../../src/sandbox/index.ts';
import { until } from '../support/until.ts';
import { buildProgram } from '../unit/cli/builtProgram.ts';
import { temporaryFolder } from './doAfter.ts';
import type { Later } from './doAfter.ts';
import type { JobWords } from './javaPipeline.ts';

export const USER = 'glast';
export const SERVICE = `JobControlService-${USER}`;

/** An entry of the daemon's log. */
export type LogEntry = Readonly<Record<string, unknown>>;

/** The program `desc-panda` with a sandbox, in folders of their own. */
export interface Site {
  readonly folder: string;
  /** A folder that working directories may lie in. */
  readonly workFolder: string;
  /** Runs a command of `desc-panda` to its end. */
  desc(...words: readonly string[]): Promise<string>;
  /** Of the sandbox, while it runs. */
  connection(): Promise<SandboxConnection>;
  /** PandaIDs of a process instance, of those that the sandbox gave about when it gave this one. */
  jobsOf(instance: number, about: string): Promise<readonly number[]>;
  /** `rmi`: more of that section of the configuration. `name`: another daemon has another state. */
  daemon(rmi?: Readonly<Record<string, unknown>>, name?: string): DaemonProcess;
}

/** Ids count up, and no test submits as many jobs. */
const NEARBY = 200;

export async function startSite(later: Later): Promise<Site> {
  const program = await buildProgram();
  later(() => program.dispose());
  const folder = await temporaryFolder(later);
  const workFolder = join(folder, 'work');
  await mkdir(workFolder);
  const env = { ...process.env, DESC_PANDA_HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') };
  const desc = async (...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [program.entry, ...words], { env, cwd: folder })).stdout;
  await desc('sandbox', 'start', '--slots', '4', '--heartbeat', '1s');
  later(() => desc('sandbox', 'stop'));
  const connection = async (): Promise<SandboxConnection> => {
    const found = await readConnection(sandboxLayout(join(folder, 'sandbox')).connectionFile);
    if (found === undefined) throw new Error('the sandbox does not run');
    return found;
  };
  return {
    folder,
    workFolder,
    desc,
    connection,
    async jobsOf(instance, about) {
      const client = createPandaClient(sandboxProfile(await connection(), userInfo().username));
      try {
        const ids = Array.from({ length: 2 * NEARBY }, (_, index) => Number(about) - NEARBY + index);
        const records = await client.jobs.describe(ids);
        const wanted = new RegExp(`PIPELINE_PROCESSINSTANCE=${instance}\\b`);
        const found = records.map((record) =>
          wanted.test(record?.jobParameters ?? '') ? record?.PandaID : null,
        );
        return found.filter((id) => typeof id === 'number');
      } finally {
        client.dispose();
      }
    },
    daemon(rmi = {}, name = 'daemon') {
      const config = {
        state: join(folder, name),
        users: { [USER]: { profile: 'sandbox', prodUserName: 'lsst prod' } },
        rmi: { host: '127.0.0.1', publicHost: '127.0.0.1', port: 0, ...rmi },
        workingDirectories: { roots: [workFolder] },
        pollSeconds: 1,
        log: { level: 'debug' },
      };
      const daemon = new DaemonProcess(
        program.entry,
        join(folder, `${name}.json`),
        JSON.stringify(config),
        env,
      );
      later(() => daemon.end('SIGTERM'));
      return daemon;
    },
  };
}

/** A job of a process instance, in a working directory of its own. */
export function jobOf(site: Site, instance: number): JobWords {
  return {
    command: 'bash pipeline_wrapper',
    currentDirectory: join(site.workFolder, String(instance)),
    logFile: 'logFile.txt',
    'env.PIPELINE_TASK': 'DESC-phosim',
    'env.PIPELINE_STREAM': '7.1',
    'env.PIPELINE_PROCESSINSTANCE': instance,
    'file.pipeline_wrapper': 'true\n',
  };
}

/** `desc-panda jobcontrold` as an operator runs it. */
export class DaemonProcess {
  readonly #entry: string;
  readonly #file: string;
  readonly #config: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #said = '';

  constructor(entry: string, file: string, config: string, env: NodeJS.ProcessEnv) {
    this.#entry = entry;
    this.#file = file;
    this.#config = config;
    this.#env = env;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it has logged since it was started last. */
  get log(): readonly LogEntry[] {
    const whole = this.#said.split('\n').slice(0, -1);
    return whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogEntry);
  }

  /** Its port. */
  async start(): Promise<number> {
    // JSON is YAML.
    await writeFile(this.#file, this.#config);
    this.#said = '';
    const args = [this.#entry, 'jobcontrold', '--config', this.#file];
    const child = spawn(process.execPath, args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (this.#said += bytes.toString()));
    return until('the daemon to begin', () => {
      if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}: ${this.#said}`);
      const port = /at port (\d+)/.exec(out)?.[1];
      return Promise.resolve(port === undefined ? undefined : Number(port));
    });
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}
