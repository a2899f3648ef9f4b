import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import tls from 'node:tls';
import { forEachParallel } from './bulk.ts';
import { PandaError } from './errors.ts';
import type { Profile } from './profile.ts';

/** What is added to each HTTPS request. */
export interface TlsOptions {
  readonly ca?: string[];
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized: boolean;
}

/** Reads the profile's certificate files. Rejects with PandaError where one cannot be read. */
export async function readTlsOptions(profile: Profile): Promise<TlsOptions> {
  const { authentication, caFile } = profile;
  const [own, cert, key] = await Promise.all([
    caFile === undefined ? undefined : readAuthorities(caFile),
    authentication.kind === 'certificate' ? readPem(authentication.certFile, 'certificate') : undefined,
    authentication.kind === 'certificate' ? readPem(authentication.keyFile, 'key') : undefined,
  ]);
  return {
    rejectUnauthorized: profile.verifyHost,
    ...(own === undefined ? {} : { ca: [...systemAuthorities(), ...own] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
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
