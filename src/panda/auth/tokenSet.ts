import { isObject } from '../wire/envelope.ts';
import { readClaims } from './claims.ts';

/** A sign-in as the identity provider's token endpoint answers it, and as the official client keeps it. */
export interface TokenSet {
  /** What PanDA is sent. */
  readonly id_token: string;
  /** What gets the next one. */
  readonly refresh_token?: string;
  readonly [field: string]: unknown;
}

/** Undefined where there is no id token. */
export function parseTokenSet(json: unknown): TokenSet | undefined {
  if (!isObject(json) || typeof json.id_token !== 'string' || json.id_token === '') return undefined;
  const { id_token, refresh_token, ...others } = json;
  return typeof refresh_token === 'string' && refresh_token !== ''
    ? { ...others, id_token, refresh_token }
    : { ...others, id_token };
}

/** A token is replaced this long before it ends, milliseconds, or after nine tenths of a short life. */
const MARGIN = 5 * 60_000;
const day = 86_400_000;
/** How long a refresh token lives that does not say it: weeks to a month at the VOs of PanDA. */
const USUAL_LIFE = 30 * day;
/** How long before its end a sign-in that lives for weeks is worth a warning. */
const WARNING = 4 * day;

/** Whether the id token is good for some time yet. One that does not say when it ends is. */
export function isFresh(tokens: TokenSet, now: number): boolean {
  const claims = readClaims(tokens.id_token);
  if (claims?.expiresAt === undefined) return true;
  const { expiresAt, issuedAt = expiresAt } = claims;
  const margin = issuedAt < expiresAt ? Math.min(MARGIN, (expiresAt - issuedAt) / 10) : MARGIN;
  return expiresAt - margin > now;
}

/** Whether the id token has not ended. */
export function isValid(tokens: TokenSet, now: number): boolean {
  const end = readClaims(tokens.id_token)?.expiresAt;
  return end === undefined || end > now;
}

/** When a sign-in cannot be renewed any more. */
export interface SignInEnd {
  /** Epoch milliseconds. */
  readonly at: number;
  /** False where it is only what is usual. */
  readonly certain: boolean;
  /** From when on the user is better told, epoch milliseconds. */
  readonly warnFrom: number;
}

/** Undefined where nothing is known of it. */
export function signInEnd(tokens: TokenSet): SignInEnd | undefined {
  const claims = readClaims(tokens.id_token);
  const since = claims?.signedInAt ?? claims?.issuedAt;
  if (tokens.refresh_token === undefined) return endOf(claims?.expiresAt, since, true);
  const refresh = readClaims(tokens.refresh_token);
  if (refresh?.expiresAt !== undefined) return endOf(refresh.expiresAt, refresh.issuedAt ?? since, true);
  return endOf(since === undefined ? undefined : since + USUAL_LIFE, since, false);
}

function endOf(at: number | undefined, since: number | undefined, certain: boolean): SignInEnd | undefined {
  if (at === undefined) return undefined;
  const life = since === undefined ? Infinity : Math.max(0, at - since);
  return { at, certain, warnFrom: at - Math.min(WARNING, life / 5) };
}
