import { PandaError } from '../errors/errors.ts';
import type { Http, HttpAnswer, HttpRequest } from '../http/types.ts';
import type { Authentication } from '../profiles/profile.ts';
import { tokenRefusal } from '../wire/quirks.ts';
import type { TokenSource } from './tokenSource.ts';

/** Proves who asks: a token goes along with each request, and a refused one is replaced once. */
export interface Identity {
  readonly hasToken: boolean;
  /**
   * Sends a request with the token. Where the server refuses the token, which it looks at before anything else, the
   * request is sent once more with another one, if there is one. Rejects as `Http.send` does, or with the PandaError of
   * what was `tried` where there is no token.
   */
  send(request: HttpRequest, tried: string): Promise<HttpAnswer>;
  /**
   * An answer without the tokens that were sent: `get_attributes` echoes them, and an error text of any server may.
   * Nothing that is decoded, shown or logged can then hold one.
   */
  hide(answer: HttpAnswer): HttpAnswer;
}

/** The identity of a profile; `tokens` is given where it uses one. */
export function createIdentity(
  authentication: Authentication,
  tokens: TokenSource | undefined,
  http: Http,
): Identity {
  if (tokens === undefined || authentication.kind === 'none' || authentication.kind === 'certificate') {
    return { hasToken: false, send: (request) => http.send(request), hide: (answer) => answer };
  }
  const { origin } = authentication;
  // A token and the one that it was replaced by.
  const sent: string[] = [];
  /** A new token that was refused like the old one: no other is asked for until the server takes one. */
  let refusedAnew: string | undefined;
  const send = (request: HttpRequest, token: string): Promise<HttpAnswer> => {
    if (!sent.includes(token)) sent.push(token);
    if (sent.length > 2) sent.shift();
    // Without Origin the server fails on every token.
    const headers = { ...request.headers, Authorization: `Bearer ${token}`, Origin: origin };
    return http.send({ ...request, headers });
  };
  return {
    hasToken: true,
    async send(request, tried) {
      const token = checked(await forCall(tried, tokens.token(request.signal)), tried);
      const answer = await send(request, token);
      if (!isUnusable(answer)) {
        refusedAnew = undefined;
        return answer;
      }
      if (token === refusedAnew) return answer;
      const other = await forCall(tried, tokens.renewed(token, request.signal));
      if (other === undefined) return answer;
      const second = await send(request, checked(other, tried));
      refusedAnew = isUnusable(second) ? other.trim() : undefined;
      return second;
    },
    hide: (answer) => ({ ...answer, body: sent.reduce(without, answer.body) }),
  };
}

function without(body: Buffer, token: string): Buffer {
  return body.includes(token) ? Buffer.from(body.toString('utf8').replaceAll(token, '…'), 'utf8') : body;
}

const LONGEST_REFUSAL = 1000;

function isUnusable({ status, body }: HttpAnswer): boolean {
  return tokenRefusal(status, body.toString('utf8', 0, LONGEST_REFUSAL)) === 'unusable';
}

/** The trouble of getting a token is the trouble of the call that needs it. */
async function forCall<T>(tried: string, getting: Promise<T>): Promise<T> {
  try {
    return await getting;
  } catch (error) {
    if (!(error instanceof PandaError)) throw error;
    const { kind, advice, needsSignIn, passing } = error;
    const cameBack = `could not ${error.tried}: ${error.cameBack}`;
    throw new PandaError({ kind, tried, cameBack, advice, needsSignIn, passing });
  }
}

/** What goes into a header is one word. */
function checked(token: string, tried: string): string {
  const word = token.trim();
  if (/^[A-Za-z0-9._~+/-]+=*$/.test(word)) return word;
  throw new PandaError({
    kind: 'unauthorised',
    tried,
    cameBack: word === '' ? 'the profile has no token' : 'the token is not one line of plain characters',
    advice: 'Sign in, or name a token in the profile',
  });
}
