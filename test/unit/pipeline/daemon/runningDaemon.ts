import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../../../src/cli/app.ts';
import type { CliIo, OutStream } from '../../../../src/cli/io.ts';
import type { CliServices } from '../../../../src/cli/services.ts';
import { createPandaClient, signInFor } from '../../../../src/panda/index.ts';
import {
  createJobControlClient,
  createRegistryClient,
  createRmiClient,
} from '../../../../src/pipeline/rmi/index.ts';
import type { JobControlRemote, RmiClient } from '../../../../src/pipeline/rmi/index.ts';
import { createSandboxControl } from '../../../../src/sandbox/index.ts';
import type { SandboxControl } from '../../../../src/sandbox/index.ts';
import { createTransformations } from '../../../../src/transformations/index.ts';
import { systemClock } from '../../../../src/watch/index.ts';
import { until } from '../../../support/until.ts';
import { readPayloadSource } from '../../transformations/payloadSources.ts';

/** `desc-panda jobcontrold` in this process, on a sandbox with a pilot. */
export interface RunningDaemon {
  readonly port: number;
  readonly client: RmiClient;
  /** What it printed to its log, one entry a line. */
  readonly log: () => readonly Readonly<Record<string, unknown>>[];
  service(name: string): Promise<JobControlRemote>;
  /** Ends it as SIGTERM does; its exit code. Clients stay as they are. */
  stop(): Promise<number>;
  /** The same, and closes clients. */
  end(): Promise<number>;
}

const source = (name: string) => fileURLToPath(new URL(`../../../../src/${name}`, import.meta.url));

export function sandboxOf(folder: string): SandboxControl {
  return createSandboxControl({
    options: { dataFolder: join(folder, 'sandbox'), port: 0, slots: 2, heartbeatSeconds: 1 },
    nodePath: process.execPath,
    mainEntry: source('sandbox/main.ts'),
    pilotEntry: source('sandbox/pilot/main.ts'),
    env: {},
    version: '1.2.3',
  });
}

/** The rooms behind the commands, on this sandbox. */
export function servicesOn(control: SandboxControl): CliServices {
  return {
    version: '0.0.0',
    createClient: (profile, tokens) => createPandaClient(profile, tokens === undefined ? {} : { tokens }),
    signIn: (profile) => signInFor(profile),
    openLink: () => undefined,
    createSandbox: () => Promise.resolve(control),
    courierProgram: source('pipeline/mail/courier/main.ts'),
    transformations: () => Promise.resolve(createTransformations(readPayloadSource)),
  };
}

export async function startRunningDaemon(
  folder: string,
  control: SandboxControl,
  config: string,
): Promise<RunningDaemon> {
  const file = join(folder, 'jobcontrold.yaml');
  await writeFile(file, config);
  const ending = new AbortController();
  const printed = { out: '', err: '' };
  const stream = (name: 'out' | 'err'): OutStream => ({
    write: (text) => (printed[name] += text),
    flush: () => Promise.resolve(),
    isTTY: false,
    columns: undefined,
    rows: undefined,
  });
  const io: CliIo = {
    stdout: stream('out'),
    stderr: stream('err'),
    env: { DESC_PANDA_HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') },
    cwd: folder,
    home: folder,
    userName: 'desc',
    userId: 1000,
    clock: systemClock,
    random: Math.random,
    signal: ending.signal,
    lines: () => ({ dispose: () => undefined }),
    ask: () => Promise.resolve(undefined),
  };
  const ended = runCli(['jobcontrold', '--config', file], io, servicesOn(control));
  let code: number | undefined;
  void ended.then((value) => (code = value));
  const port = await until('the daemon to begin', async () => {
    await Promise.resolve();
    if (code !== undefined) throw new Error(`it ended with ${code}: ${printed.err}`);
    const found = /at port (\d+)/.exec(printed.out)?.[1];
    return found === undefined ? undefined : Number(found);
  });
  const client = createRmiClient();
  return {
    port,
    client,
    log: () =>
      printed.err
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
    async service(name) {
      const ref = await createRegistryClient(client, { host: '127.0.0.1', port }).lookup(name);
      return createJobControlClient(client, ref);
    },
    stop() {
      ending.abort();
      return ended;
    },
    async end() {
      client.close();
      ending.abort();
      return ended;
    },
  };
}
