import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createPandaClient } from '../../src/panda/index.ts';
import type { PandaClient, Profile } from '../../src/panda/index.ts';
import { createSandboxControl, sandboxLayout, sandboxProfile } from '../../src/sandbox/index.ts';
import type { SandboxConnection, SandboxOptions } from '../../src/sandbox/index.ts';
import { buildProgram } from '../unit/cli/builtProgram.ts';
import { temporaryFolder } from './doAfter.ts';
import type { Later } from './doAfter.ts';

const run = promisify(execFile);

/** A sandbox with its pilot, as users have it, and our client of it. */
export interface RunningSandbox {
  /** Runs the command line `desc-panda`, and returns what it printed. */
  readonly panda: (...words: readonly string[]) => Promise<string>;
  readonly connection: SandboxConnection;
  readonly profile: Profile;
  readonly client: PandaClient;
  /** A file that a job left: log or output. */
  stored(pandaId: number, name: string): string;
}

/** Starts one in a folder of its own; it stops later. */
export async function startSandbox(
  later: Later,
  options: Partial<SandboxOptions> = {},
): Promise<RunningSandbox> {
  const program = await buildProgram();
  later(() => program.dispose());
  const dist = dirname(dirname(program.entry));
  const home = await temporaryFolder(later);
  const dataFolder = join(home, 'sandbox');
  const control = createSandboxControl({
    options: { dataFolder, port: 0, slots: 4, heartbeatSeconds: 1, ...options },
    nodePath: process.execPath,
    mainEntry: join(dist, 'sandbox', 'main.js'),
    pilotEntry: join(dist, 'sandbox', 'pilot.js'),
    payloadFolder: join(dist, 'payloads'),
    env: {},
    version: '0.0.0',
  });
  const connection = await control.start();
  later(() => control.stop());
  const profile = sandboxProfile(connection, userInfo().username);
  const client = createPandaClient(profile);
  later(() => client.dispose());
  const { storageFolder } = sandboxLayout(dataFolder);
  return {
    panda: async (...words) => {
      const env = { ...process.env, DESC_PANDA_HOME: home, DESC_PANDA_PROFILE: 'sandbox' };
      return (await run(process.execPath, [program.entry, ...words], { env })).stdout;
    },
    connection,
    profile,
    client,
    stored: (pandaId, name) => join(storageFolder, String(pandaId), name),
  };
}
