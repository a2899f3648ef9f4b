import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * From where this machine knows an authority, for people. `fingerprint`: SHA-256 as Node writes it; `given`: the PEM texts
 * that were used for the check; `ownFile`: of the profile.
 */
export function whoVouches(
  fingerprint: string,
  given: readonly string[],
  ownFile: string | undefined,
): string {
  // Older editors' Node cannot tell where an authority is from.
  const kinds = typeof getCACertificates === 'function' ? (['extra', 'system', 'bundled'] as const) : [];
  for (const kind of kinds) {
    if (holds(getCACertificates(kind), fingerprint)) return WORDS[kind];
  }
  if (ownFile !== undefined && holds(given, fingerprint)) return `from ${ownFile}`;
  return 'known to this machine';
}

const WORDS = {
  extra: 'from NODE_EXTRA_CA_CERTS',
  system: "one of the system's",
  bundled: 'one of those that come with Node.js',
} as const;

function holds(texts: readonly string[], fingerprint: string): boolean {
  return texts.some((text) =>
    (text.match(BLOCK) ?? []).some((block) => fingerprintOf(block) === fingerprint),
  );
}

function fingerprintOf(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).fingerprint256;
  } catch {
    return undefined;
  }
}
