import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cleanName } from '../auth/userName.ts';

/** What a certificate says of its owner. */
export interface CertificateFacts {
  /** As servers see it: `/DC=org/…/CN=Alice Adams 12345`. */
  readonly dn: string;
  /** As PanDA calls its owner. */
  readonly user: string;
  /** The first end among it and those that vouch for it, epoch milliseconds. */
  readonly endsAt: number;
  /** A proxy, made of the owner's own certificate for some hours. */
  readonly isProxy: boolean;
}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Undefined where the text holds no certificate that can be read. */
export function readCertificate(pem: string): CertificateFacts | undefined {
  try {
    const [own, ...vouching] = (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
    if (own === undefined) return undefined;
    const parts = own.subject.split('\n');
    const dn = `/${parts.join('/')}`;
    return {
      dn,
      user: cleanName(dn),
      endsAt: Math.min(...[own, ...vouching].map(({ validTo }) => Date.parse(validTo))),
      // Its issuer is its owner, whose name it takes, with one part more.
      isProxy: own.subject.startsWith(`${own.issuer}\n`),
    };
  } catch {
    return undefined;
  }
}

/** Undefined where the file cannot be read, or holds no certificate. */
export async function readCertificateFile(file: string): Promise<CertificateFacts | undefined> {
  return readFile(file, 'utf8').then(readCertificate, () => undefined);
}
