import { readCertificateFile } from '../http/certificate.ts';
import type { Authentication, Profile } from '../profiles/profile.ts';
import { readyMadeTokens } from './tokenSource.ts';
import { cleanName, nameOfToken } from './userName.ts';
import { readClaims } from './claims.ts';
import type { TokenClaims } from './claims.ts';
import type { SignIn } from './signIn.ts';
import type { SignInEnd } from './tokenSet.ts';

/** What is known of how a profile proves who it is, without asking anybody. Times are epoch milliseconds. */
export interface IdentityFacts {
  readonly kind: Authentication['kind'];
  /** `missing`: nobody is signed in, or there is no token or certificate. `ended`: there was one. */
  readonly state: 'good' | 'ended' | 'missing' | 'notNeeded';
  /** Where it is kept, for people; undefined where it is nowhere in particular. */
  readonly where: string | undefined;
  /** As PanDA calls its owner. */
  readonly user: string | undefined;
  readonly issuer: string | undefined;
  /** Whose the token is for its issuer; empty where it does not say. */
  readonly subject: string | undefined;
  /** VOs and roles. */
  readonly groups: readonly string[];
  /** The end of the token, which a sign-in renews by itself, or of the certificate. */
  readonly endsAt: number | undefined;
  /** The end of a sign-in; undefined for everything else. */
  readonly signInEnd: SignInEnd | undefined;
  /** The certificate is a proxy. */
  readonly isProxy: boolean;
}

const NOTHING = {
  where: undefined,
  user: undefined,
  issuer: undefined,
  subject: undefined,
  groups: [],
  endsAt: undefined,
  signInEnd: undefined,
  isProxy: false,
} as const;

/** Rejects where a token cannot be read. */
export async function identityFacts(
  { authentication }: Pick<Profile, 'authentication'>,
  signIn: Pick<SignIn, 'status'> | undefined,
  now: number,
): Promise<IdentityFacts> {
  const { kind } = authentication;
  switch (kind) {
    case 'none':
      return { ...NOTHING, kind, state: 'notNeeded' };
    case 'oidc': {
      const status = await signIn?.status();
      if (status === undefined || status.state === 'signedOut') {
        return { ...NOTHING, kind, state: 'missing', where: status?.where };
      }
      const { where, claims, end, state } = status;
      return {
        ...NOTHING,
        ...ofClaims(claims),
        kind,
        state: state === 'ended' ? 'ended' : 'good',
        where,
        signInEnd: end,
      };
    }
    case 'token': {
      const token = await readyMadeTokens(authentication.token).token();
      const facts = { ...NOTHING, ...ofClaims(readClaims(token)), kind };
      return { ...facts, state: token.trim() === '' ? 'missing' : goodUntil(facts.endsAt, now) };
    }
    case 'certificate': {
      const where = authentication.certFile;
      const certificate = await readCertificateFile(where);
      if (certificate === undefined) return { ...NOTHING, kind, state: 'missing', where };
      const { user, endsAt, isProxy } = certificate;
      return { ...NOTHING, kind, state: goodUntil(endsAt, now), where, user, endsAt, isProxy };
    }
  }
}

function ofClaims(claims: TokenClaims | undefined): Partial<IdentityFacts> {
  if (claims === undefined) return {};
  const { issuer, subject, groups, expiresAt: endsAt } = claims;
  return { user: cleanName(nameOfToken(claims)), issuer, subject, groups, endsAt };
}

function goodUntil(endsAt: number | undefined, now: number): 'good' | 'ended' {
  return endsAt !== undefined && endsAt <= now ? 'ended' : 'good';
}
