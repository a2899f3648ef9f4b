import type * as JoseLibrary from 'jose';
import type { JWTPayload } from 'jose';
import { nameOfToken, readClaims } from '../../panda/index.ts';
import type { SandboxSignIn } from '../api.ts';
import { bearerOf, type Authenticate, type Authentication, type Identity } from './identity.ts';

/**
 * The authentication of a server whose users sign in: id tokens of an identity provider, signed with RS256, for a client of
 * this server and by a member of the VO. The texts are those of a real server. `others` knows the sandbox's own token,
 * which its pilot has.
 */
export function signedInPeople(signIn: SandboxSignIn, others: Authenticate, now: () => number): Authenticate {
  const verify = createVerify(signIn, now);
  return async (request) => {
    const token = bearerOf(request);
    const known = await others(request);
    if (token === undefined || known.kind === 'known') return known;
    const [, vo, role] = /^([\w-]+)(?:[:.]([\w-]+))?$/u.exec(request.headers.origin ?? '') ?? [];
    if (vo === undefined) return refused('Token decode failure. The Origin header must name the VO');
    if (vo !== signIn.vo) return refused(`Unknown vo : ${vo}`);
    const claims = await verify(token).catch((error: unknown) =>
      error instanceof Refusal ? error : new Refusal(`Token decode failure. ${String(error)}`),
    );
    return claims instanceof Refusal ? refused(claims.message) : personOf(token, claims, vo, role);
  };
}

class Refusal extends Error {}

function refused(reason: string): Authentication {
  return { kind: 'refused', reason };
}

function personOf(token: string, payload: JWTPayload, vo: string, role: string | undefined): Authentication {
  const claims = readClaims(token);
  if (claims === undefined || payload.groups === undefined) return refused("Token decode failure. 'groups'");
  const group = role === undefined ? vo : `${vo}/${role}`;
  if (!claims.groups.some((name) => name === group || name === `/${group}`)) {
    return refused(`Not a member of the ${group} group`);
  }
  const identity: Identity = {
    dn: nameOfToken(claims),
    fqans: role === undefined ? [] : [`/${vo}/Role=${role}`],
    production: role === 'production' || role === 'pilot',
    ownsEverything: false,
  };
  return { kind: 'known', identity };
}

const DISCOVERY_MS = 10_000;

/** Checks a token; rejects with Refusal. The library and the provider's keys are loaded when the first token comes. */
function createVerify(
  { issuer, clientId }: SandboxSignIn,
  now: () => number,
): (token: string) => Promise<JWTPayload> {
  const base = issuer.replace(/\/$/u, '');
  const load = async () => {
    const jose = await import('jose');
    const answer = await fetch(`${base}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(DISCOVERY_MS),
    });
    const { jwks_uri: uri } = (await answer.json()) as { readonly jwks_uri?: unknown };
    if (typeof uri !== 'string') throw new Error('the identity provider names no keys');
    return { jose, keys: jose.createRemoteJWKSet(new URL(uri), { cooldownDuration: 1000 }) };
  };
  let loading: ReturnType<typeof load> | undefined;
  return async (token) => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    const { jose, keys } = await loading;
    const { kid } = headerOf(token, jose);
    if (kid === undefined) throw new Refusal('Invalid token. cannot extract kid from headers');
    const options = { algorithms: ['RS256'], issuer: [base, `${base}/`], currentDate: new Date(now()) };
    const { payload } = await jose.jwtVerify(token, keys, options).catch((error: unknown) => {
      throw new Refusal(`Invalid token. ${explain(error, kid, jose)}`);
    });
    const clients = [payload.aud ?? [], payload.client_id ?? [], payload.sub ?? []].flat();
    if (clients.includes(clientId)) return payload;
    throw new Refusal('Invalid token. cannot extract client_id from token');
  };
}

type Jose = typeof JoseLibrary;

function headerOf(token: string, jose: Jose): { readonly kid?: string } {
  try {
    return jose.decodeProtectedHeader(token);
  } catch {
    throw new Refusal('Invalid token. Not enough segments');
  }
}

function explain(error: unknown, kid: string, { errors }: Jose): string {
  if (error instanceof errors.JWTExpired) return 'Signature has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'iss'
      ? 'failed to decode: Invalid issuer'
      : `The token is not yet valid (${error.claim})`;
  }
  if (error instanceof errors.JWKSNoMatchingKey) return `JWK not found for kid=${kid}`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'Signature verification failed';
  if (error instanceof errors.JWSInvalid) return 'Not enough segments';
  return `failed to decode: ${error instanceof Error ? error.message : String(error)}`;
}
