import { request } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { failed, isTimeout, ok, within } from '../check.ts';
import type { Finding, Limits } from '../check.ts';
import { codeOf } from './tcp.ts';

export interface TunnelOptions {
  /** Of the proxy. */
  readonly proxy: URL;
  /** `name:password`. */
  readonly credentials: string | undefined;
  /** `host:port` behind it. */
  readonly target: string;
}

/** Asks a proxy, to which `socket` is open, for a way to a host behind it. */
export async function tunnel(
  socket: Socket,
  { proxy, credentials, target }: TunnelOptions,
  limits: Limits,
  signal: AbortSignal,
): Promise<{ readonly finding: Finding; readonly socket: Socket | undefined }> {
  const toProxy = proxy.protocol === 'https:' ? connectTls({ socket, servername: proxy.hostname }) : socket;
  const authorization =
    credentials === undefined
      ? {}
      : { 'Proxy-Authorization': `Basic ${Buffer.from(decode(credentials)).toString('base64')}` };
  try {
    const answer = await within(limits.answer, signal, () => askFor(target, toProxy, authorization));
    if (answer.status === 200) {
      return { finding: ok(`${proxy.host} lets it through`), socket: answer.socket };
    }
    toProxy.destroy();
    return {
      finding: refusal(answer.status, proxy.host, target, credentials !== undefined),
      socket: undefined,
    };
  } catch (error) {
    toProxy.destroy();
    signal.throwIfAborted();
    const why = isTimeout(error)
      ? `no answer within ${limits.answer / 1000} s`
      : `it broke (${codeOf(error)})`;
    const advice = 'Check that this is the address of a proxy, and ask who runs it';
    return {
      finding: failed(`${proxy.host} did not open a way to ${target}: ${why}`, advice),
      socket: undefined,
    };
  }
}

function askFor(
  target: string,
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly socket: Socket }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; socket: Socket }>();
  socket.on('error', reject);
  const outgoing = request({
    method: 'CONNECT',
    path: target,
    headers: { Host: target, ...headers },
    createConnection: () => socket,
  });
  outgoing.once('connect', ({ statusCode = 0 }, tunnelled: Socket) =>
    resolve({ status: statusCode, socket: tunnelled }),
  );
  outgoing.once('response', ({ statusCode = 0 }) => resolve({ status: statusCode, socket }));
  outgoing.once('error', reject);
  outgoing.end();
  return promise;
}

function decode(credentials: string): string {
  try {
    return decodeURIComponent(credentials);
  } catch {
    return credentials;
  }
}

function refusal(status: number, proxy: string, target: string, hadCredentials: boolean): Finding {
  const said = `${proxy} does not let through to ${target} (HTTP ${status})`;
  if (status === 407) {
    return hadCredentials
      ? failed(`${said}: it does not accept the name and password`, 'Mend name and password in HTTPS_PROXY')
      : failed(
          `${said}: it wants a name and password`,
          'Put them into HTTPS_PROXY: http://name:password@host:port',
        );
  }
  if (status === 403 || status === 405) {
    return failed(
      said,
      'Ask who runs the proxy to allow this host and port, or name the host in NO_PROXY where it is reached directly',
    );
  }
  return failed(
    said,
    'Check that the proxy can reach the host; name the host in NO_PROXY where it is reached directly',
  );
}
