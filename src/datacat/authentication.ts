import { createHmac } from 'node:crypto';
import { readKeyFile } from './keyFile.ts';
import type { DatacatKey } from './keyFile.ts';

/** How a client proves who it is. Secrets are asked for at each call, so that another one is used at once. */
export type DatacatAuthentication =
  /** The public: may read what everybody may. */
  | { readonly kind: 'none' }
  /** Requests are signed with HMAC-SHA1, as those of the catalog's own clients. */
  | { readonly kind: 'key'; readonly key: () => Promise<DatacatKey> }
  /** The same, with the key in a configuration file of those clients. */
  | { readonly kind: 'keyFile'; readonly file: string }
  /** A bearer token; `origin` is sent as the header of that name, which names the VO. */
  | { readonly kind: 'token'; readonly token: () => Promise<string>; readonly origin: string };

export interface SignedFacts {
  readonly method: string;
  /** As sent, percent-encoded, without the base URL's own path and without the query: `/path.json/desc;v=current`. */
  readonly path: string;
  readonly contentType: string;
  /** The `Date` header. */
  readonly date: string;
}

/** The value of `Authorization` for a request: `SRS:<key id>:<signature>`. There is no Content-MD5. */
export function signatureHeader({ id, secret }: DatacatKey, facts: SignedFacts): string {
  const { method, path, contentType, date } = facts;
  const signed = [method.toUpperCase(), path, '', contentType, date].map((line) => `${line}\n`).join('');
  const signature = createHmac('sha1', Buffer.from(secret, 'base64')).update(signed).digest('base64');
  return `SRS:${id}:${signature}`;
}

/** The headers that prove who asks. */
export async function identityHeaders(
  authentication: DatacatAuthentication,
  facts: Omit<SignedFacts, 'date'>,
  now: number,
): Promise<Readonly<Record<string, string>>> {
  switch (authentication.kind) {
    case 'none':
      return {};
    case 'token':
      return { Authorization: `Bearer ${await authentication.token()}`, Origin: authentication.origin };
    case 'key':
      return signed(await authentication.key(), facts, now);
    case 'keyFile':
      return signed(await readKeyFile(authentication.file), facts, now);
  }
}

function signed(
  key: DatacatKey,
  facts: Omit<SignedFacts, 'date'>,
  now: number,
): Readonly<Record<string, string>> {
  const date = new Date(now).toUTCString();
  return { Date: date, Authorization: signatureHeader(key, { ...facts, date }) };
}
