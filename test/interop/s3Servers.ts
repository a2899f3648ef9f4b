import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { s3Store } from '../../src/staging/index.ts';
import type { S3Config, StagingStore } from '../../src/staging/index.ts';
import { freePort } from '../support/freePort.ts';
import { until } from '../support/until.ts';
import type { S3Program, S3ServerSetting } from './programs/s3Program.ts';

export const BUCKET = 'desc';
const ACCESS = 'AKIDEXAMPLE';
const SECRET = 'secretsecretsecret';
const run = promisify(execFile);

/** A real S3 server on this machine, with an empty bucket. */
export interface S3Server {
  readonly port: number;
  readonly endpoint: string;
  /** Where it keeps its objects, if it keeps them on disk. */
  readonly folder: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Begins it again at the same port, with what it had on disk. */
  start(): Promise<void>;
}

export interface S3ServerOptions {
  /** Where the program is. */
  readonly path: string;
  /** For what it keeps. */
  readonly folder: string;
  readonly tls?: S3ServerSetting['tls'];
}

export async function startS3Server(
  program: S3Program,
  { path, folder: parent, tls }: S3ServerOptions,
): Promise<S3Server> {
  const { name } = program;
  const port = await freePort();
  const folder = join(parent, `${name}-data`);
  await mkdir(join(folder, BUCKET), { recursive: true });
  const args = program.arguments({
    port,
    folder,
    accessKeyId: ACCESS,
    secretAccessKey: SECRET,
    tls,
  });
  let child: ChildProcess | undefined;
  const server: S3Server = {
    port,
    endpoint: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    folder,
    async start() {
      const started = spawn(path, args, { stdio: 'ignore' });
      child = started;
      await until(`${name} to answer`, async () => {
        if (started.exitCode !== null) throw new Error(`${name} ended with exit code ${started.exitCode}`);
        return isOpen(port);
      });
    },
    async kill() {
      if (child?.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
  await server.start();
  return server;
}

/** A store of ours on a server, or on whatever stands before it. */
export function storeOn(server: Pick<S3Server, 'endpoint'>, config: Partial<S3Config> = {}): StagingStore {
  return s3Store(
    {
      bucket: BUCKET,
      prefix: 'panda',
      endpoint: server.endpoint,
      region: undefined,
      pathStyle: undefined,
      caFile: undefined,
      checksums: undefined,
      credentials: { kind: 'keys', accessKeyId: ACCESS, secretAccessKey: SECRET },
      ...config,
    },
    { attempts: 2, connectMs: 30_000, idleMs: 60_000 },
  );
}

/** The AWS SDK with its default settings. */
export function sdkClientOn({ endpoint }: Pick<S3Server, 'endpoint'>): S3Client {
  const credentials = { accessKeyId: ACCESS, secretAccessKey: SECRET };
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
}

/** s3cmd as somebody else would call it. */
export async function s3cmdFor(
  path: string,
  server: S3Server,
  folder: string,
): Promise<(...words: readonly string[]) => Promise<string>> {
  const file = join(folder, `${server.port}.s3cfg`);
  await writeFile(
    file,
    [
      '[default]',
      `access_key = ${ACCESS}`,
      `secret_key = ${SECRET}`,
      `host_base = 127.0.0.1:${server.port}`,
      `host_bucket = 127.0.0.1:${server.port}`,
      'use_https = False',
      'bucket_location = us-east-1',
    ].join('\n'),
  );
  return async (...words) =>
    (await run(path, ['-c', file, '--no-progress', ...words], { maxBuffer: 1 << 26 })).stdout;
}

/** Settings by which AWS tools, and we, find the keys of a server. */
export const awsEnvironment: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: ACCESS,
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Settings by which rclone knows a server as `desc:`. */
export function rcloneEnvironment(server: Pick<S3Server, 'endpoint'>): Record<string, string> {
  return {
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_DESC_TYPE: 's3',
    RCLONE_CONFIG_DESC_PROVIDER: 'Other',
    RCLONE_CONFIG_DESC_ENDPOINT: server.endpoint,
    RCLONE_CONFIG_DESC_ACCESS_KEY_ID: ACCESS,
    RCLONE_CONFIG_DESC_SECRET_ACCESS_KEY: SECRET,
    RCLONE_CONFIG_DESC_REGION: 'us-east-1',
    // versitygw has no answer for a bucket that is made again.
    RCLONE_CONFIG_DESC_NO_CHECK_BUCKET: 'true',
  };
}

async function isOpen(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/`);
    return true;
  } catch (error) {
    // A secure server refuses what is not TLS: it is there.
    const cause =
      error instanceof Error && error.cause instanceof Error && 'code' in error.cause ? error.cause.code : '';
    return cause !== 'ECONNREFUSED' && cause !== '';
  }
}
