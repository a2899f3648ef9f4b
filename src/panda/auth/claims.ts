import { isObject } from '../wire/envelope.ts';

/** What a token says of itself. Nobody has checked its signature: that is the server's part. Times are epoch milliseconds. */
export interface TokenClaims {
  readonly issuer: string | undefined;
  readonly subject: string;
  readonly audience: readonly string[];
  readonly name: string | undefined;
  readonly preferredUsername: string | undefined;
  /** VOs and roles: `Rubin`, `Rubin/production`. */
  readonly groups: readonly string[];
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
  /** When its owner signed in. */
  readonly signedInAt: number | undefined;
}

/** Undefined for a token that says nothing. */
export function readClaims(token: string): TokenClaims | undefined {
  const json = decode(token.trim().split('.')[1]);
  if (json === undefined) return undefined;
  return {
    issuer: text(json.iss),
    subject: text(json.sub) ?? '',
    audience: texts(json.aud),
    name: text(json.name),
    preferredUsername: text(json.preferred_username),
    groups: texts(json.groups),
    issuedAt: time(json.iat),
    expiresAt: time(json.exp),
    signedInAt: time(json.auth_time),
  };
}

function decode(part: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (part === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((entry) => typeof entry === 'string');
}

function time(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}
