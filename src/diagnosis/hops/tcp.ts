import type { LookupAddress } from 'node:dns';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { failed, isTimeout, ok, within } from '../check.ts';
import type { Finding, Limits } from '../check.ts';

/** An open connection, or why there is none. */
export async function open(
  { host, port }: { readonly host: string; readonly port: number },
  addresses: readonly LookupAddress[],
  limits: Limits,
  signal: AbortSignal,
): Promise<{ readonly finding: Finding; readonly socket: Socket | undefined }> {
  const socket = connect({
    host,
    port,
    autoSelectFamily: true,
    // What was looked up is used, so that this tells of the connection alone.
    lookup: (_host, _options, callback) => callback(null, [...addresses]),
  });
  try {
    await within(limits.hop, signal, () => connected(socket));
    return { finding: ok(`connected to ${socket.remoteAddress ?? host} port ${port}`), socket };
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    return { finding: whyNot(error, host, port, limits), socket: undefined };
  }
}

function connected(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('connect', resolve);
  socket.once('error', reject);
  // Whatever breaks later is seen by who uses it.
  socket.on('error', () => undefined);
  return promise;
}

const REASONS: ReadonlyMap<string, readonly [detail: string, advice: string]> = new Map([
  ['ECONNREFUSED', ['nothing listens there', 'Check that the server runs, and the port in the address']],
  ['EHOSTUNREACH', ['there is no way to this host', 'Check the network, and whether a VPN has to be up']],
  ['ENETUNREACH', ['there is no network to it', 'Check the network, and whether a VPN has to be up']],
  [
    'ECONNRESET',
    ['the connection was broken off at once', 'A firewall may do that: ask who runs the network'],
  ],
  ['EACCES', ['this machine forbids it', 'Check the firewall of this machine']],
]);

function whyNot(error: unknown, host: string, port: number, limits: Limits): Finding {
  const silent = isTimeout(error) || codeOf(error) === 'ETIMEDOUT';
  if (silent) {
    return failed(
      `port ${port} of ${host} does not answer within ${limits.hop / 1000} s`,
      'A firewall may drop connections to it: try from inside the site, with its VPN, or set a proxy',
    );
  }
  const code = codeOf(error);
  const [detail, advice] = REASONS.get(code) ?? ['no connection could be made', 'Check the network'];
  return failed(`${detail} (${code}, ${host} port ${port})`, advice);
}

/** The code of an error, or of the first of several addresses that were tried. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'no reason given';
}
