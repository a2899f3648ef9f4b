import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import tls from 'node:tls';
import type { SecureContext } from 'node:tls';
import { forEachParallel } from '../jobs/bulk.ts';
import { readCertificate } from './certificate.ts';
import type { CertificateFacts } from './certificate.ts';
import { PandaError } from '../errors/errors.ts';
import type { Profile } from '../profiles/profile.ts';

/** What is added to each HTTPS request. */
export interface TlsOptions {
  /** Authorities, certificate and key: made once, as reading some hundred authorities takes tens of milliseconds. */
  readonly secureContext?: SecureContext;
  readonly rejectUnauthorized: boolean;
}

/**
 * Gives the options of a profile for each request. Its files are read once, and again when the certificate was replaced, as
 * a proxy is every day. Rejects with PandaError where one cannot be read, or the certificate has ended.
 */
export function tlsSource(profile: Profile, now: () => number): () => Promise<TlsOptions> {
  let known: { readonly version: string; readonly read: Promise<ReadFiles> } | undefined;
  return async () => {
    const version = await certificateVersion(profile);
    if (known?.version !== version) {
      const read = readFiles(profile);
      known = { version, read };
      // A profile whose files cannot be read today may be mended tomorrow: a failure is not kept.
      read.catch(() => {
        if (known?.read === read) known = undefined;
      });
    }
    const { options, certificate } = await known.read;
    if (certificate !== undefined && certificate.endsAt <= now()) throw ended(certificate, profile);
    return options;
  };
}

interface ReadFiles {
  readonly options: TlsOptions;
  readonly certificate: CertificateFacts | undefined;
}

async function certificateVersion({ authentication }: Profile): Promise<string> {
  if (authentication.kind !== 'certificate') return '';
  const { certFile, keyFile } = authentication;
  const times = await Promise.all(
    [certFile, keyFile].map((file) =>
      stat(file).then(
        ({ mtimeMs, size }) => `${mtimeMs}:${size}`,
        () => 'none',
      ),
    ),
  );
  return times.join(' ');
}

async function readFiles(profile: Profile): Promise<ReadFiles> {
  const { authentication, caFile } = profile;
  const [own, cert, key] = await Promise.all([
    caFile === undefined ? undefined : readAuthorities(caFile),
    authentication.kind === 'certificate' ? readPem(authentication.certFile, 'certificate') : undefined,
    authentication.kind === 'certificate' ? readPem(authentication.keyFile, 'key') : undefined,
  ]);
  const given = {
    ...(own === undefined ? {} : { ca: [...systemAuthorities(), ...own] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  const isUsual = own === undefined && cert === undefined;
  const options = {
    rejectUnauthorized: profile.verifyHost,
    ...(isUsual ? {} : { secureContext: secureContextOf(given) }),
  };
  return { options, certificate: cert === undefined ? undefined : readCertificate(cert.toString('utf8')) };
}

function secureContextOf(given: tls.SecureContextOptions): SecureContext {
  try {
    return tls.createSecureContext(given);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
    throw new PandaError({
      kind: 'unauthorised',
      tried: "use the profile's certificates",
      cameBack: `they cannot be used (${code})`,
      advice:
        'Name PEM files in the profile; certificate and key have to belong together, the key without a password',
    });
  }
}

function ended({ endsAt, isProxy }: CertificateFacts, { authentication }: Profile): PandaError {
  const file = authentication.kind === 'certificate' ? authentication.certFile : '';
  return new PandaError({
    kind: 'unauthorised',
    tried: `use the ${isProxy ? 'proxy' : 'certificate'} ${file}`,
    cameBack: `it ended at ${new Date(endsAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    advice: isProxy ? 'Make a new one, as with voms-proxy-init' : 'Name one that is valid in the profile',
  });
}

/** Node's and the system's authorities: a CA file adds to them. Older editors' Node cannot name the system's. */
export function systemAuthorities(): string[] {
  if (typeof tls.getCACertificates !== 'function') {
    return [...tls.rootCertificates];
  }
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}

/** A file of authorities, or a folder of them, as of grid sites: `<hash>.0`, `<name>.pem`. */
async function readAuthorities(path: string): Promise<string[]> {
  const isFolder = await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  if (!isFolder) return [(await readPem(path, AUTHORITIES)).toString('utf8')];
  const names = (await readdir(path)).filter((name) => /\.(?:\d|pem|crt)$/.test(name)).slice(0, MOST_FILES);
  // Such folders hold each authority under several names.
  const texts = new Set<string>();
  await forEachParallel(names, async (name) => {
    const text = (await readPem(join(path, name), AUTHORITIES)).toString('utf8');
    if (text.includes('BEGIN CERTIFICATE')) texts.add(text);
  });
  return [...texts];
}

const AUTHORITIES = 'certificate authorities';
/** A grid site knows some hundred. */
const MOST_FILES = 5_000;

async function readPem(file: string, what: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new PandaError({
      kind: 'unauthorised',
      tried: `read the profile's ${what}`,
      cameBack: `${file}: ${code === 'ENOENT' ? 'there is no such file' : code}`,
      advice: 'Name a readable PEM file in the profile',
    });
  }
}
