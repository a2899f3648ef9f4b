import { createHmac, randomBytes } from 'node:crypto';
import type { Store } from './store/store.ts';

/**
 * The token of a sandbox. It stays the same over restarts, so that pilots that outlived the server go on. In form it is an
 * id token that never expires, signed with a key that nobody keeps: PanDA's own client reads its user's name from it.
 */
export function keptToken(store: Store, owner: string): string {
  const known = store.setting('token');
  if (known !== undefined) return known;
  const claims = {
    iss: 'desc-panda sandbox',
    sub: owner,
    name: owner,
    preferred_username: owner,
    groups: [],
  };
  const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
  const signature = createHmac('sha256', randomBytes(32)).update(signed).digest('base64url');
  const token = `${signed}.${signature}`;
  store.setSetting('token', token);
  return token;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
