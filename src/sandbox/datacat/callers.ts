import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { signatureHeader } from '../../datacat/index.ts';
import type { Authenticate, Authentication } from '../server/identity.ts';
import { CATALOG_PATH } from './catalogPath.ts';

/** The id of the one key of a sandbox; its secret is the sandbox's token, base64. */
const KEY_ID = 'sandbox';
/** A signature older or newer than this counts for nothing, milliseconds. */
const TOLERANCE = 15 * 60_000;

/** Who asks the catalog: by a signature, as its own clients have it, or by the token of the sandbox. */
export function catalogCallers(token: string, others: Authenticate, now: () => number): Authenticate {
  const secret = Buffer.from(token).toString('base64');
  return (request) => {
    const { authorization = '' } = request.headers;
    if (!authorization.startsWith('SRS:')) return others(request);
    return checkSignature(request, authorization, secret, now());
  };
}

function checkSignature(
  request: IncomingMessage,
  given: string,
  secret: string,
  now: number,
): Authentication {
  const { method = '', url = '', headers } = request;
  const date = headers.date ?? '';
  const path = (url.split('?')[0] ?? '').slice(CATALOG_PATH.length);
  const contentType = headers['content-type'] ?? '';
  const expected = signatureHeader({ id: KEY_ID, secret }, { method, path, contentType, date });
  if (!(Math.abs(Date.parse(date) - now) <= TOLERANCE)) {
    return { kind: 'refused', reason: 'The Date of the signature is not of now' };
  }
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  const isSame = one.length === other.length && timingSafeEqual(one, other);
  if (!isSame) return { kind: 'refused', reason: 'The signature does not fit' };
  return { kind: 'known', identity: { dn: KEY_ID, fqans: [], production: false, ownsEverything: true } };
}
