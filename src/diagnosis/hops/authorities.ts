import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';

const PLACES = [
  ['extra', 'from NODE_EXTRA_CA_CERTS'],
  ['bundled', 'one of those that come with Node.js'],
  ['system', "one of the system's"],
] as const;

/** From where this machine knows an authority, for people. `raw`: the certificate in DER; `ownFile`: of the profile. */
export function whoVouches(raw: Buffer, ownFile: string | undefined): string {
  const body = raw.toString('base64');
  const place = PLACES.find(([kind]) => authorities(kind).some((pem) => bodyOf(pem) === body));
  if (place !== undefined) return place[1];
  return ownFile === undefined ? 'known to this machine' : `from ${ownFile}`;
}

/** Whether the system knows who issued a certificate, although Node.js may not. */
export function isKnownToSystem(raw: Buffer): boolean {
  const certificate = new X509Certificate(raw);
  return authorities('system').some((pem) => certificate.checkIssued(new X509Certificate(pem)));
}

/** Older editors' Node cannot tell where an authority is from. */
function authorities(kind: (typeof PLACES)[number][0]): readonly string[] {
  return typeof getCACertificates === 'function' ? getCACertificates(kind) : [];
}

function bodyOf(pem: string): string {
  return pem.replace(/-----[A-Z ]+-----|\s/g, '');
}
