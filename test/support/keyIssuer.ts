import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** An identity provider as far as a server needs one: its description, its keys, and tokens that it signs. */
export interface KeyIssuer {
  readonly url: string;
  /** Signs claims; `header` and `foreign` (another key) to get it wrong. */
  sign(
    claims: Readonly<Record<string, unknown>>,
    options?: { readonly kid?: string | null; readonly foreign?: boolean },
  ): Promise<string>;
  close(): Promise<void>;
}

export async function startKeyIssuer(): Promise<KeyIssuer> {
  const [own, other] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  const server = createServer((request, response) => {
    const isKeys = request.url === '/jwks';
    const body = isKeys ? { keys: [jwk] } : { issuer: `${url}/`, jwks_uri: `${url}/jwks` };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    sign: (claims, { kid = 'k1', foreign = false } = {}) =>
      new SignJWT({ iss: `${url}/`, ...claims })
        .setProtectedHeader(kid === null ? { alg: 'RS256' } : { alg: 'RS256', kid })
        .sign(foreign ? other.privateKey : own.privateKey),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
