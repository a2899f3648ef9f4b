import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { DetailedPeerCertificate, SecureContext, TLSSocket } from 'node:tls';
import { formatDuration } from '../../watch/index.ts';
import { failed, isTimeout, ok, warning, within } from '../check.ts';
import type { Finding, Limits } from '../check.ts';
import { isKnownToSystem, whoVouches } from './authorities.ts';
import { codeOf } from './tcp.ts';
import { tlsTrouble } from './tlsTrouble.ts';
import type { ShownCertificate, TlsPlace } from './tlsTrouble.ts';

/** What a connection is made secure with. */
export interface TlsHop extends TlsPlace {
  /** As the client uses it; undefined for what is usual. */
  readonly secureContext: SecureContext | undefined;
  /** False where the profile switches the check off. */
  readonly isChecked: boolean;
  readonly caFile: string | undefined;
}

const DAY = 86_400_000;
/** A certificate that ends sooner is worth a word, ms. */
const SOON = 7 * DAY;

/** Makes a connection secure, and tells how, and who vouches for the other side. Closes it. */
export async function secure(
  socket: Socket,
  hop: TlsHop,
  limits: Limits,
  signal: AbortSignal,
): Promise<Finding> {
  const { host, secureContext } = hop;
  const name = host.replace(/^\[(.*)\]$/, '$1');
  const encrypted = connect({
    socket,
    host: name,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(secureContext === undefined ? {} : { secureContext }),
    // Looked at below: what is wrong is to be said, not only that something is.
    rejectUnauthorized: false,
  });
  try {
    await within(limits.hop, signal, () => shaken(encrypted));
    return judge(encrypted, hop);
  } catch (error) {
    signal.throwIfAborted();
    if (isTimeout(error)) {
      return failed(
        `${host} does not answer to the beginning of a secure connection within ${limits.hop / 1000} s`,
        'Check the port, and whether a firewall stands between',
      );
    }
    return tlsTrouble(codeOf(error), undefined, hop);
  } finally {
    encrypted.destroy();
  }
}

function shaken(socket: TLSSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('secureConnect', resolve);
  socket.on('error', reject);
  socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  return promise;
}

function judge(socket: TLSSocket, hop: TlsHop): Finding {
  const peer = socket.getPeerCertificate(true);
  const certificate = shown(peer);
  const protocol = socket.getProtocol() ?? 'TLS';
  const { authorizationError } = socket as { readonly authorizationError: unknown };
  if (!socket.authorized) {
    const code =
      authorizationError instanceof Error ? codeOf(authorizationError) : String(authorizationError);
    const trouble = tlsTrouble(
      code,
      { ...certificate, isIssuerKnownToSystem: isKnownToSystem(lastOf(peer).raw) },
      hop,
    );
    if (hop.isChecked) return trouble;
    return warning(`${protocol}; not checked, as verifyHost is off: ${trouble.detail}`, trouble.advice);
  }
  const left = certificate.until - hop.now;
  const facts = [
    protocol,
    `certificate of ${certificate.subject}, issued by ${certificate.issuer}`,
    `good for ${formatDuration(left)}`,
    `authority ${whoVouches(lastOf(peer).raw, hop.caFile)}`,
  ];
  if (!hop.isChecked) {
    return warning(
      `${facts.join('; ')}; but certificates are not checked`,
      'Take verifyHost out of the profile',
    );
  }
  const detail = facts.join('; ');
  return left < SOON
    ? warning(detail, 'Tell the operators of the server that its certificate ends soon')
    : ok(detail);
}

function shown(peer: DetailedPeerCertificate): ShownCertificate {
  const { subject, issuer, subjectaltname = '', valid_from, valid_to } = peer;
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    names: subjectaltname.replaceAll('DNS:', '').replaceAll('IP Address:', ''),
    from: Date.parse(valid_from),
    until: Date.parse(valid_to),
  };
}

function nameOf(name: Readonly<Record<string, string | string[] | undefined>> | undefined): string {
  const { CN, O } = name ?? {};
  const parts = [CN, O].flatMap((part) => part ?? []);
  return parts[0] ?? 'somebody without a name';
}

/** The last that vouches. */
function lastOf(peer: DetailedPeerCertificate): DetailedPeerCertificate {
  let link = peer;
  for (let depth = 0; depth < 20; depth++) {
    const { issuerCertificate: next } = link as Partial<DetailedPeerCertificate>;
    if (next === undefined || next === link || next.fingerprint256 === link.fingerprint256) return link;
    link = next;
  }
  return link;
}
