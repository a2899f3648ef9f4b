import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { JOB_ATTRIBUTES } from '../../../../src/panda/index.ts';
import type { Profile } from '../../../../src/panda/index.ts';
import { until } from '../../../support/until.ts';

/**
 * What to do with a submission: `cutBefore` breaks the connection and stores nothing, `cutAfter` stores the jobs and then
 * breaks it, `late` breaks it and stores a little later.
 */
export type SubmitMode = 'answer' | 'cutBefore' | 'cutAfter' | 'late' | 'refuseSome';

/** The part of a PanDA that submissions need, with faults on demand. */
export interface SubmissionServer {
  readonly profile: Profile;
  /** PandaIDs by job name: a name that came twice has two. */
  readonly stored: Map<string, number[]>;
  readonly uploads: string[];
  /** Calls of job/submit. */
  calls: number;
  mode: (call: number) => SubmitMode;
  /** What is said of a job that was submitted, besides its names. */
  describeJob: (pandaId: number) => Readonly<Record<string, unknown>>;
  /** PandaIDs that were to be ended. */
  readonly killed: number[];
  /** Calls for descriptions. */
  descriptions: number;
  /** Runs before a submission is stored. */
  beforeStore: () => Promise<void>;
  /** Whether the monitor answers. */
  monitorUp: boolean;
  sites: Record<string, unknown>;
  /** The user's secrets; undefined for a server that keeps none. */
  secrets: Map<string, string> | undefined;
  /** Runs before a secret is set; false where it is to be lost. */
  beforeSecret: (key: string) => Promise<boolean>;
  /** Resolves when nobody is connected any more, and all that was sent is handled. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const NAME_COLUMN = JOB_ATTRIBUTES.findIndex(([name]) => name === 'jobName');

export async function startSubmissionServer(): Promise<SubmissionServer> {
  const handling = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const work = answer(state, request, response).finally(() => handling.delete(work));
    handling.add(work);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const state: SubmissionServer = {
    profile: profileOf(url),
    stored: new Map(),
    uploads: [],
    calls: 0,
    mode: () => 'answer',
    describeJob: () => ({ jobStatus: 'activated' }),
    killed: [],
    descriptions: 0,
    beforeStore: () => Promise.resolve(),
    monitorUp: true,
    sites: {
      SANDBOX: { status: 'online', coreCount: 4, maxrss: 8000, maxtime: 86_400 },
      'BNL-LSST': { status: 'online' },
      'SLAC-LSST': { status: 'brokeroff', comment: 'power cut' },
    },
    secrets: new Map(),
    beforeSecret: () => Promise.resolve(true),
    async settled() {
      const connected = promisify(server.getConnections.bind(server));
      await until('the connections to end', async () => (await connected()) === 0);
      await Promise.all(handling);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return state;
}

export function profileOf(url: string): Profile {
  return {
    name: 'sandbox',
    server: url,
    cache: url,
    monitor: url,
    authentication: { kind: 'none' },
    vo: 'lsst',
    user: 'panda user',
    prodSourceLabel: 'user',
    workingGroup: undefined,
    cloud: undefined,
    defaultSite: 'SANDBOX',
    caFile: undefined,
    verifyHost: true,
    proxy: undefined,
  };
}

async function answer(
  state: SubmissionServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) return;
  const url = new URL(request.url ?? '/', 'http://x');
  const send = (value: unknown): void => {
    if (!response.destroyed) response.end(JSON.stringify(value));
  };
  const ok = (data: unknown): void => send({ success: true, message: '', data });
  switch (url.pathname) {
    case '/api/v1/metaconfig/get_site_specs':
      return ok(state.sites);
    case '/api/v1/file_server/validate_cache_file':
      return send({ success: false, message: 'NOTFOUND', data: null });
    case '/api/v1/file_server/upload_cache_file':
      state.uploads.push(/filename="([^"]*)"/.exec(body.toString('latin1'))?.[1] ?? '?');
      return ok(null);
    case '/api/v1/file_server/touch_cache_file':
      return ok(null);
    case '/api/v1/creds/get_user_secrets':
    case '/api/v1/creds/set_user_secrets':
      return answerSecrets(state, url, body, response, ok);
    case '/api/v1/job/submit':
      return submit(state, body, request, ok);
    case '/api/v1/job/get_description':
    case '/api/v1/job/get_description_incl_archive':
      return ok(describeJobs(state, body));
    case '/api/v1/job/kill': {
      const { job_ids: ids } = JSON.parse(body.toString('utf8')) as { job_ids: number[] };
      state.killed.push(...ids);
      return ok(ids.map(() => true));
    }
    case '/jobs/': {
      if (!state.monitorUp) return void response.writeHead(500).end('broken');
      const names = (url.searchParams.get('jobname') ?? '').split('|');
      const jobs = names.flatMap((jobname) =>
        (state.stored.get(jobname) ?? []).map((pandaid) => ({ pandaid, jobname, jobstatus: 'activated' })),
      );
      return send({ jobs });
    }
    default:
      return void response.writeHead(404).end('no');
  }
}

function describeJobs(state: SubmissionServer, body: Buffer): unknown[] {
  state.descriptions += 1;
  const { job_ids: ids } = JSON.parse(body.toString('utf8')) as { job_ids: number[] };
  const names = new Map([...state.stored].flatMap(([name, known]) => known.map((id) => [id, name] as const)));
  return ids.map((id) => {
    const jobName = names.get(id);
    return jobName === undefined ? null : { PandaID: id, jobName, Files: [], ...state.describeJob(id) };
  });
}

async function answerSecrets(
  state: SubmissionServer,
  { pathname, searchParams }: URL,
  body: Buffer,
  response: ServerResponse,
  ok: (data: unknown) => void,
): Promise<void> {
  const { secrets } = state;
  if (secrets === undefined) return void response.writeHead(404).end('no');
  if (pathname.endsWith('get_user_secrets')) {
    const keys = searchParams.getAll('keys');
    const wanted = [...secrets].filter(([key]) => keys.length === 0 || keys.includes(key));
    return ok(JSON.stringify(Object.fromEntries(wanted)));
  }
  const { key, value } = JSON.parse(body.toString('utf8')) as { key: string; value: string | null };
  if (!(await state.beforeSecret(key))) return ok(null);
  if (value === null) secrets.delete(key);
  else secrets.set(key, value);
  ok(null);
}

async function submit(
  state: SubmissionServer,
  body: Buffer,
  request: IncomingMessage,
  ok: (data: unknown) => void,
): Promise<void> {
  const mode = state.mode(state.calls++);
  const { jobs } = JSON.parse(body.toString('utf8')) as { jobs: string };
  const names = (JSON.parse(jobs) as unknown[][]).map((job) => String(job[NAME_COLUMN]));
  const store = (): (number | string)[] =>
    names.map((name, index) => {
      if (mode === 'refuseSome' && index % 2 === 1) return 'NULL';
      const pandaId = 6_900_000_001 + [...state.stored.values()].flat().length;
      state.stored.set(name, [...(state.stored.get(name) ?? []), pandaId]);
      return pandaId;
    });
  if (mode === 'cutBefore') return void request.socket.destroy();
  if (mode === 'late') {
    request.socket.destroy();
    await state.beforeStore();
    store();
    return;
  }
  await state.beforeStore();
  const ids = store();
  if (mode === 'cutAfter') return void request.socket.destroy();
  ok(ids.map((id) => [id, 1, { jobsetID: 'NULL' }]));
}

/** Undefined where the client died while it was sending: no server sees such a call. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    return undefined;
  }
  if (!request.complete) return undefined;
  const body = Buffer.concat(parts);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
