import { createServer, request as send } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before a PanDA server, and refuses tokens that it was told to be out of date, as the server would. */
export interface RefusingProxy {
  readonly url: string;
  /** Calls that came through or were refused, as `job/submit`, `job/submit refused`. */
  readonly calls: string[];
  /** From the next call of this path on (`job/submit`), after so many more, its token is out of date. */
  refuseFrom(path: string, after?: number): void;
  close(): Promise<void>;
}

const EXPIRED = 'ERROR : Token authentication failed. Invalid token. Signature has expired';

export async function startRefusingProxy(target: string): Promise<RefusingProxy> {
  const outOfDate = new Set<string>();
  const orders: { readonly path: string; after: number }[] = [];
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const path = /^\/api\/v1\/([\w/]+)/.exec(request.url ?? '')?.[1] ?? request.url ?? '';
    const token = request.headers.authorization ?? '';
    const order = orders.find((one) => one.path === path);
    if (order !== undefined && order.after-- === 0) {
      outOfDate.add(token);
      orders.splice(orders.indexOf(order), 1);
    }
    if (token !== '' && outOfDate.has(token)) {
      calls.push(`${path} refused`);
      request.resume();
      response.writeHead(403, { 'Content-Type': 'text/plain' }).end(EXPIRED);
      return;
    }
    calls.push(path);
    forward(request, response, target);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    refuseFrom: (path, after = 0) => void orders.push({ path, after }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(request: IncomingMessage, response: ServerResponse, target: string): void {
  const { host } = new URL(target);
  const onward = send(
    `${target}${request.url ?? ''}`,
    { method: request.method, headers: { ...request.headers, host } },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}
