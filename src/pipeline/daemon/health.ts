import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DaemonFigures } from './figures.ts';
import { prometheusText } from './prometheus.ts';

/** Figures of a daemon for programs of its machine. */
export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/**
 * Answers `GET /health` (JSON; status 503 where something is wrong) and `GET /metrics` (Prometheus) on the loopback
 * interface. Rejects with the system's error, as where the port is taken.
 */
export async function startHealthServer(port: number, figures: () => DaemonFigures): Promise<HealthServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const { status, type, text } = pageOf(request, figures);
    request.resume();
    response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : text);
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

function pageOf(request: IncomingMessage, figures: () => DaemonFigures): Page {
  const plain = (status: number, text: string): Page => ({
    status,
    type: 'text/plain; charset=utf-8',
    text: `${text}\n`,
  });
  if (isStrange(request)) return plain(403, 'Only programs of this machine are answered.');
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Only GET is answered.');
  const [path] = (request.url ?? '').split('?', 1);
  if (path !== '/health' && path !== '/metrics') return plain(404, 'There are /health and /metrics.');
  let found: DaemonFigures;
  try {
    found = figures();
  } catch {
    return plain(503, 'The journal cannot be read.');
  }
  if (path === '/metrics') {
    return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', text: prometheusText(found) };
  }
  const status = found.status === 'OK' ? 200 : 503;
  return { status, type: 'application/json', text: `${JSON.stringify(found)}\n` };
}

/** A page in a browser must not get here: it comes with its origin, or by a name of its own. */
function isStrange({ headers }: IncomingMessage): boolean {
  const [name] = (headers.host ?? '').split(':', 1);
  return headers.origin !== undefined || (name !== '127.0.0.1' && name !== 'localhost');
}
