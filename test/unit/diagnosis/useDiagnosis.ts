import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, LIMITS } from '../../../src/diagnosis/index.ts';
import type { Check, Limits, Surroundings } from '../../../src/diagnosis/index.ts';
import { withoutSecrets } from '../../../src/diagnosis/withoutSecrets.ts';
import { createPandaClient, signInFor } from '../../../src/panda/index.ts';
import type { Profile, ProfileValue } from '../../../src/panda/index.ts';
import { createStagingStores } from '../../../src/staging/index.ts';
import type { S3Credentials } from '../../../src/staging/index.ts';
import { createSubmissionJournal } from '../../../src/watch/index.ts';
import { quick, testProfile } from '../panda/fakeServer.ts';

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface DiagnosisOptions {
  readonly profile?: Partial<Profile>;
  readonly values?: readonly ProfileValue[];
  readonly stagingKeys?: S3Credentials;
  readonly limits?: Partial<Limits>;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly signal?: AbortSignal;
  readonly home?: string;
}

/** What was found, by `section.name`. */
export class Findings {
  readonly checks: readonly Check[];

  constructor(checks: readonly Check[]) {
    this.checks = checks;
  }

  /** `state: detail → advice`. */
  of(section: string, name: string): string {
    const check = this.checks.find((one) => one.section === section && one.name === name);
    if (check === undefined) return 'nothing';
    const { state, detail, advice } = check;
    return `${state}: ${detail}${advice === '' ? '' : ` → ${advice}`}`;
  }

  /** `name state, name state` of a section. */
  states(section: string): string {
    const own = this.checks.filter((one) => one.section === section);
    return own.map(({ name, state }) => `${name} ${state}`).join(', ');
  }
}

export interface Bench {
  /** A server for this test that answers as PanDA and monitor do, but for what `handler` answers first. */
  readonly serve: (
    handler?: (path: string) => Handler | undefined,
    tls?: https.ServerOptions,
  ) => Promise<string>;
  /** Any listener, closed after the test. */
  readonly listen: (server: Server) => Promise<number>;
  /** Looks at the connection of a profile at `url`. */
  readonly look: (url: string, options?: DiagnosisOptions) => Promise<Findings>;
  readonly folder: string;
}

/** Registers hooks: servers and folders of each test. */
export function useDiagnosis(): Bench {
  const closing: (() => Promise<unknown>)[] = [];
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'diagnosis-'));
  });
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
    await rm(folder, { recursive: true, force: true });
  });
  const listen = async (server: Server): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sockets = new Set<{ destroy(): void }>();
    server.on('connection', (socket) => sockets.add(socket));
    closing.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  };
  return {
    get folder() {
      return folder;
    },
    listen,
    async serve(handler = () => undefined, tls) {
      const answer: Handler = (request, response) => {
        const path = new URL(request.url ?? '/', 'http://x').pathname;
        request.resume();
        (handler(path) ?? asPanda(path))(request, response);
      };
      const server = tls === undefined ? http.createServer(answer) : https.createServer(tls, answer);
      server.on('tlsClientError', () => undefined);
      const port = await listen(server);
      return `${tls === undefined ? 'http' : 'https'}://localhost:${port}`;
    },
    look: (url, options = {}) => look(url, folder, options),
  };
}

async function look(url: string, folder: string, options: DiagnosisOptions): Promise<Findings> {
  const { values = [], stagingKeys, limits, now = Date.now, signal, home = '' } = options;
  const profile: Profile = { ...testProfile(url), ...options.profile };
  const signIn = signInFor(profile, quick);
  const client = createPandaClient(profile, {
    ...quick,
    ...(signIn === undefined ? {} : { tokens: signIn }),
  });
  const stores = createStagingStores(stagingKeys);
  const surroundings: Surroundings = {
    now,
    random: () => 0,
    signal: signal ?? new AbortController().signal,
    limits: { ...LIMITS, ...limits },
    howToSignIn: 'sign in here',
    userAgent: 'test',
    share: withoutSecrets([], home),
  };
  const subject = {
    resolved: { name: 'test', chosenBy: 'test', profile, values },
    profile,
    client,
    signIn,
    journal: createSubmissionJournal(join(folder, 'submissions')),
    stores,
    stagingKeys,
  };
  const checks: Check[] = [];
  try {
    for (const section of diagnose(subject, surroundings)) {
      for await (const check of section.checks) checks.push(check);
    }
    return new Findings(checks);
  } finally {
    client.dispose();
    stores.dispose();
  }
}

const SITES = { SITE: { status: 'online', siteid: 'SITE' } };
const WHO = { user_dn_raw: '/CN=Jane Doe', user_dn_clean: 'Jane Doe', is_production_user: false };

function asPanda(path: string): Handler {
  const data: Readonly<Record<string, unknown>> = {
    '/api/v1/system/is_alive': null,
    '/api/v1/system/get_user_attributes': WHO,
    '/api/v1/metaconfig/get_site_specs': SITES,
    '/api/v1/file_server/touch_cache_file': null,
  };
  if (path in data) return say(200, JSON.stringify({ success: true, message: '', data: data[path] }));
  if (path === '/jobs/') return say(200, JSON.stringify({ jobs: [] }));
  return path === '/' ? say(200, '<!doctype html><title>PanDA monitor</title>') : say(404, 'not here');
}

/** An answer that is always the same. */
export function say(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Handler {
  return (_request, response) => {
    response.writeHead(status, headers).end(text);
  };
}
