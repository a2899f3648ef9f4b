import { cleanText } from './cleanText.ts';
import { PandaError } from './errors.ts';
import type { Authentication } from './profile.ts';

/** The headers that prove who asks; the token is asked for at each call and kept nowhere. */
export async function identityHeaders(
  authentication: Authentication,
  tried: string,
): Promise<Readonly<Record<string, string>>> {
  if (authentication.kind !== 'token') {
    return {};
  }
  const token = (await askForToken(authentication.token, tried)).trim();
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(token)) {
    throw noToken(
      tried,
      token === '' ? 'the profile has no token' : 'the token is not one line of plain characters',
    );
  }
  // Without Origin the server fails on every token.
  return { Authorization: `Bearer ${token}`, Origin: authentication.origin };
}

/**
 * The body without the token of the request: `get_attributes` echoes it, and an error text of any server may. Nothing
 * that is decoded, shown or logged can then hold it.
 */
export function withoutToken(body: Buffer, identity: Readonly<Record<string, string>>): Buffer {
  const token = identity.Authorization?.replace(/^Bearer /, '');
  return token === undefined || !body.includes(token)
    ? body
    : Buffer.from(body.toString('utf8').replaceAll(token, '…'), 'utf8');
}

async function askForToken(token: () => Promise<string>, tried: string): Promise<string> {
  try {
    return await token();
  } catch (error) {
    if (error instanceof PandaError) {
      throw error;
    }
    const why = error instanceof Error ? cleanText(error.message) : 'no reason given';
    throw noToken(tried, `the token could not be read (${why})`);
  }
}

function noToken(tried: string, cameBack: string): PandaError {
  return new PandaError({
    kind: 'unauthorised',
    tried,
    cameBack,
    advice: 'Sign in, or name a token in the profile',
  });
}
