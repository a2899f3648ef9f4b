import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSandboxServer, type SandboxServerOptions } from '../../../../src/sandbox/server/server.ts';
import { rawCall, type RawAnswer } from './rawCall.ts';
import { submissionText, type JobFacts } from './wireJobs.ts';

export interface Envelope {
  readonly success: boolean;
  readonly message: string;
  readonly data: unknown;
}

/** A sandbox on a folder of its own, its background work done by hand unless told otherwise. */
export async function openSandbox(options: Partial<SandboxServerOptions> = {}) {
  const folder = options.dataFolder ?? (await mkdtemp(path.join(tmpdir(), 'desc-panda-sandbox-')));
  const server = await startSandboxServer({
    owner: 'tester',
    runsBackground: false,
    ...options,
    dataFolder: folder,
  });
  const headers = { Authorization: `Bearer ${server.token}`, Origin: 'lsst', Accept: 'application/json' };

  const get = (target: string, more: Readonly<Record<string, string>> = {}): Promise<RawAnswer> =>
    rawCall(server.url, { method: 'GET', path: target, headers: { ...headers, ...more } });
  const post = (target: string, body: unknown): Promise<RawAnswer> =>
    rawCall(server.url, {
      method: 'POST',
      path: target,
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const call = async (method: string, body?: unknown): Promise<Envelope> => {
    const target = `/api/v1/${method}`;
    const answer = body === undefined ? await get(target) : await post(target, body);
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text) as Envelope;
  };
  const submit = async (jobs: readonly JobFacts[], outputs: readonly string[] = []): Promise<number[]> => {
    const { success, message, data } = await call('job/submit', { jobs: submissionText(jobs, outputs) });
    assert.ok(success, message);
    return (data as [number][]).map(([id]) => id);
  };
  const describeJob = async (id: number): Promise<Readonly<Record<string, unknown>>> => {
    const { data } = await call('job/get_description', { job_ids: [id] });
    return (data as Readonly<Record<string, unknown>>[])[0]!;
  };

  return {
    folder,
    server,
    headers,
    get,
    post,
    call,
    submit,
    describeJob,
    update: (id: number, job_status: string, more: object = {}) =>
      call('pilot/update_job', { job_id: id, job_status, ...more }),
    acquire: async (more: object = {}): Promise<readonly Readonly<Record<string, unknown>>[]> => {
      const { data } = await call('pilot/acquire_jobs', { site_name: 'SANDBOX', ...more });
      return (data as { jobs: Readonly<Record<string, unknown>>[] } | null)?.jobs ?? [];
    },
    setUp: (): void => {
      while (server.background.setUp() !== undefined);
    },
    close: async (): Promise<void> => {
      await server.close();
      if (options.dataFolder === undefined) await rm(folder, { recursive: true });
    },
  };
}

export type Sandbox = Awaited<ReturnType<typeof openSandbox>>;
