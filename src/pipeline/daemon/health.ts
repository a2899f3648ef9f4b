import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DaemonFigures } from './figures.ts';
import type { JobRequests } from './jobs/requests.ts';
import { jsonPage, plainPage } from './page.ts';
import type { Page } from './page.ts';
import { prometheusText } from './prometheus.ts';

/** Figures of a daemon for programs of its machine. */
export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers `GET /health` (JSON; status 503 where something is wrong) and `GET /metrics` (Prometheus) on the loopback
 * interface, and what `jobs` answers at and below `/jobs`. Rejects with the system's error, as where the port is taken.
 */
export async function startHealthServer(
  port: number,
  figures: () => DaemonFigures,
  jobs: JobRequests,
): Promise<HealthServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const answer = ({ status, type, text, etag }: Page): void => {
      request.resume();
      const tag = etag === undefined ? {} : { ETag: etag };
      response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store', ...tag });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    const url = isStrange(request) ? undefined : urlOf(request);
    if (url === undefined) answer(plainPage(403, 'Only programs of this machine are answered.'));
    else if (/^\/jobs(?:$|\/)/.test(url.pathname)) void jobs(request, url).then(answer);
    else answer(figuresPage(request, url, figures));
  });
  server.maxConnections = 32;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function urlOf({ url }: IncomingMessage): URL | undefined {
  return URL.parse(url ?? '/', 'http://127.0.0.1') ?? undefined;
}

function figuresPage({ method }: IncomingMessage, url: URL, figures: () => DaemonFigures): Page {
  const path = url.pathname;
  if (path !== '/health' && path !== '/metrics')
    return plainPage(404, 'There are /health, /metrics and /jobs.');
  if (method !== 'GET' && method !== 'HEAD') return plainPage(405, 'Only GET is answered.');
  let found: DaemonFigures;
  try {
    found = figures();
  } catch {
    return plainPage(503, 'The journal cannot be read.');
  }
  if (path === '/metrics') {
    return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', text: prometheusText(found) };
  }
  return jsonPage(found.status === 'OK' ? 200 : 503, found);
}

/** A page in a browser must not get here: it comes with its origin, or by a name of its own. */
function isStrange({ headers }: IncomingMessage): boolean {
  const [name] = (headers.host ?? '').split(':', 1);
  return headers.origin !== undefined || (name !== '127.0.0.1' && name !== 'localhost');
}
