/** The built sandbox, as users run it, on a folder that is gone afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { dist } from '../../scripts/lib/paths.ts';
import { createPandaClient, type JobSpec, type PandaClient } from '../../src/panda/index.ts';
import { readConnection, sandboxLayout, sandboxProfile } from '../../src/sandbox/index.ts';
import type { SandboxConnection } from '../../src/sandbox/index.ts';
import { until } from '../support/until.ts';
import { benchPayload, benchSpecs } from './benchSpecs.ts';

export interface RealSandbox {
  readonly connection: SandboxConnection;
  readonly client: PandaClient;
  /** That many different jobs that do nothing. */
  readonly specs: (count: number) => JobSpec[];
}

/** Starts one with as many slots as are asked for, 0 for a server without a pilot; lends it, and takes it down. */
export async function withSandbox(
  slots: number,
  use: (sandbox: RealSandbox) => Promise<void>,
): Promise<void> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'desc-panda-bench-'));
  const child = spawn(process.execPath, [join(dist, 'sandbox/main.js')], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(child, 'exit');
  try {
    const pilot = slots === 0 ? { pilotEntry: null } : { slots };
    child.stdin.end(`${JSON.stringify({ dataFolder, port: 0, heartbeatSeconds: 2, ...pilot })}\n`);
    await lend(child, dataFolder, use);
  } finally {
    child.kill();
    await ended;
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function lend(
  child: ChildProcess,
  dataFolder: string,
  use: (sandbox: RealSandbox) => Promise<void>,
): Promise<void> {
  const { connectionFile } = sandboxLayout(dataFolder);
  await until('the sandbox to answer', () => {
    if (child.exitCode !== null) throw new Error(`the sandbox ended with exit code ${child.exitCode}`);
    return Promise.resolve(existsSync(connectionFile));
  });
  const connection = await readConnection(connectionFile);
  if (connection === undefined) throw new Error(`${connectionFile} cannot be read`);
  const user = userInfo().username;
  const client = createPandaClient(sandboxProfile(connection, user));
  try {
    await client.files.ensureCacheFile(benchPayload.name, benchPayload.content);
    await use({
      connection,
      client,
      specs: (count) => benchSpecs(client, user, count),
    });
  } finally {
    client.dispose();
  }
}

/** Ids of jobs that must all have been taken. */
export async function submitAll(client: PandaClient, specs: readonly JobSpec[]): Promise<number[]> {
  const outcomes = await client.jobs.submit(specs);
  return outcomes.map((outcome) => {
    if (outcome.kind === 'accepted') return outcome.pandaId;
    throw new Error(`${outcome.jobName} was not taken: ${outcome.reason}`);
  });
}
