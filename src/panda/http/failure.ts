import { HttpFailure } from './types.ts';
import type { HttpFailureReason } from './types.ts';

const REASONS: Readonly<Record<string, HttpFailureReason>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EHOSTDOWN: 'refused',
  ENOTFOUND: 'unknownHost',
  EAI_AGAIN: 'unknownHost',
  ETIMEDOUT: 'timeout',
  ECONNABORTED: 'timeout',
  EPROXY: 'proxy',
};

/** Codes that Node and OpenSSL give when a certificate does not stand the check. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO/;

/** Translates whatever axios or Node threw; only the code is kept, as the error object holds the request's headers. */
export function failureOf(error: unknown, sent: boolean): HttpFailure {
  if (error instanceof HttpFailure) {
    return error;
  }
  const code = codeOf(error);
  if (messageOf(error).includes('maxContentLength')) {
    return new HttpFailure('tooLarge', 'ERR_TOO_LARGE', sent);
  }
  const reason = REASONS[code] ?? (CERTIFICATE.test(code) ? 'certificate' : 'broken');
  return new HttpFailure(reason, code, sent);
}

/** The innermost code: a proxy agent or a list of tried addresses wraps the one that says something. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return codeOf(error.errors[0]);
  }
  if (typeof error !== 'object' || error === null) {
    return 'UNKNOWN';
  }
  const inner = 'cause' in error && typeof error.cause === 'object' ? error.cause : null;
  if (inner !== null && 'code' in inner) {
    return codeOf(inner);
  }
  if (/proxy/i.test(messageOf(error))) {
    return 'EPROXY';
  }
  return 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
