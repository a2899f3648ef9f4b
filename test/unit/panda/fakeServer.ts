import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { createPandaClient } from '../../../src/panda/index.ts';
import type { ClientDependencies, PandaClient, Profile } from '../../../src/panda/index.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  /** As it came over the wire. */
  readonly raw: Buffer;
  /** Unpacked. */
  readonly text: string;
}

export type Answer = (asked: Asked, response: http.ServerResponse) => void | Promise<void>;

/** A server for one test: answers as told and remembers what it was asked. */
export interface FakeServer {
  readonly url: string;
  readonly asked: Asked[];
  answer: Answer;
  profile(changes?: Partial<Profile>): Profile;
  client(changes?: Partial<Profile>, deps?: ClientDependencies): PandaClient;
  close(): Promise<void>;
}

export async function startFakeServer(
  answer: Answer = (_asked, response) => ok(response, null),
): Promise<FakeServer> {
  const clients: PandaClient[] = [];
  const server = http.createServer((request, response) => {
    void readAsked(request).then(async (asked) => {
      fake.asked.push(asked);
      await fake.answer(asked, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeServer = {
    url,
    asked: [],
    answer,
    profile: (changes = {}) => ({ ...testProfile(url), ...changes }),
    client(changes = {}, deps = {}) {
      const client = createPandaClient(fake.profile(changes), { ...quick, ...deps });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) {
        client.dispose();
      }
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

/** No waiting between tries. */
export const quick: ClientDependencies = { delay: async () => undefined, random: () => 0.5 };

export function testProfile(url: string): Profile {
  return {
    name: 'test',
    server: url,
    cache: url,
    monitor: url,
    authentication: { kind: 'token', token: async () => 'secret-token-0123456789', origin: 'lsst' },
    vo: 'lsst',
    user: 'Jane Doe',
    prodSourceLabel: 'user',
    workingGroup: undefined,
    cloud: undefined,
    defaultSite: 'SITE',
    caFile: undefined,
    verifyHost: true,
    proxy: undefined,
  };
}

/** A successful answer, with the content type that PanDA gives everything. */
export function ok(response: http.ServerResponse, data: unknown, message = ''): void {
  plain(response, 200, JSON.stringify({ success: true, message, data }));
}

export function no(response: http.ServerResponse, message: string, data: unknown = null): void {
  plain(response, 200, JSON.stringify({ success: false, message, data }));
}

export function plain(response: http.ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(text);
}

async function readAsked(request: http.IncomingMessage): Promise<Asked> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request) {
      pieces.push(piece as Buffer);
    }
  } catch {
    // The client hung up: what came so far is what was asked.
  }
  const raw = Buffer.concat(pieces);
  const target = new URL(request.url ?? '/', 'http://server');
  const packed = request.headers['content-encoding'] === 'gzip';
  return {
    method: request.method ?? '',
    path: target.pathname,
    query: target.searchParams,
    headers: request.headers,
    raw,
    text: (packed ? gunzipSync(raw) : raw).toString('utf8'),
  };
}
