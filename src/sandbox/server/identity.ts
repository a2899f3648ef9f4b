import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Who makes a request. */
export interface Identity {
  /** Distinguished name, or what stands for one with a token. */
  readonly dn: string;
  readonly fqans: readonly string[];
  /** May call what needs the production or pilot role. */
  readonly production: boolean;
  /** The one user of a sandbox: every job is theirs, whatever name it was submitted under. */
  readonly ownsEverything: boolean;
}

/** Stands for who is not known, where none is needed. */
export const ANONYMOUS: Identity = { dn: '', fqans: [], production: false, ownsEverything: false };

export type Authentication =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'known'; readonly identity: Identity }
  /** A token that is no good: everything answers 403 with this reason. */
  | { readonly kind: 'refused'; readonly reason: string };

export type Authenticate = (request: IncomingMessage) => Authentication | Promise<Authentication>;

/** The token of a request. The scheme word is not looked at and a lone word counts as no token, as on a real server. */
export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return headers.authorization?.trim().split(/\s+/u)[1];
}

/** The VO, or VO and role, as the `Origin` header of token clients carries it; nothing a web page can send. */
const VO_ORIGIN = /^(?!null$)[A-Za-z0-9_-]+(?:[:.][A-Za-z0-9_-]+)?$/u;

/**
 * A sandbox's own authentication: whoever holds its token is its user, and its pilot. */
export function tokenAuthentication(token: string, owner: string): Authenticate {
  const expected = digest(token);
  const identity: Identity = { dn: owner, fqans: [], production: true, ownsEverything: true };
  return (request) => {
    const given = bearerOf(request);
    if (given === undefined) return { kind: 'anonymous' };
    if (!timingSafeEqual(digest(given), expected)) {
      return { kind: 'refused', reason: 'Invalid token. It is not the token of this sandbox' };
    }
    const { origin } = request.headers;
    if (origin === undefined) {
      return { kind: 'refused', reason: 'The Origin header must name the VO, for example: lsst' };
    }
    if (!VO_ORIGIN.test(origin)) return { kind: 'refused', reason: `Unknown vo : ${origin}` };
    return { kind: 'known', identity };
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
