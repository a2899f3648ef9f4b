import { connectionError } from './connectionError.ts';
import { decodeJson } from './envelope.ts';
import type { CallFacts } from './envelope.ts';
import { PandaError } from './errors.ts';
import type { Http, HttpAnswer, HttpRequest } from './httpTypes.ts';
import type { Identity } from './identity.ts';
import { withRetries } from './retry.ts';
import type { RetryTools } from './retry.ts';

/** Asks the monitor for JSON, one call at a time: it is slow, counts requests, and limits parallel ones. */
export interface MonitorCaller {
  get(
    path: string,
    query: Readonly<Record<string, string>>,
    facts: CallFacts,
    signal: AbortSignal | undefined,
  ): Promise<unknown>;
  facts(tried: string): CallFacts;
  /** Epoch milliseconds. */
  now(): number;
}

/** Heavy queries take tens of seconds. */
const TIMEOUT_MS = 60_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** Longest wait that the monitor may ask for with `Retry-After`, seconds. */
const LONGEST_WAIT = 30;
const FIRST_WAIT = 2;
const ATTEMPTS = 3;

export function createMonitorCaller(
  base: string,
  server: string,
  http: Http,
  identity: Identity,
  tools: RetryTools,
  userAgent: string,
): MonitorCaller {
  const origin = new URL(base).origin;
  // Most monitors answer without a token, and some refuse PanDA's: it goes along where it is wanted.
  let withToken = origin === new URL(server).origin;
  let last: Promise<unknown> = Promise.resolve();

  const ask = async (url: string, facts: CallFacts, signal: AbortSignal | undefined): Promise<HttpAnswer> => {
    const request: HttpRequest = {
      method: 'GET',
      url,
      headers: { Accept: 'application/json', 'User-Agent': userAgent },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      ...(signal === undefined ? {} : { signal }),
    };
    try {
      return identity.hide(await (withToken ? identity.send(request, facts.tried) : http.send(request)));
    } catch (error) {
      throw connectionError(error, facts);
    }
  };

  const askPatiently = async (
    url: string,
    facts: CallFacts,
    signal: AbortSignal | undefined,
  ): Promise<unknown> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await withRetries(true, tools, signal, () => ask(url, facts, signal));
      if (wantsSignIn(answer) && !withToken && identity.hasToken) {
        withToken = true;
      } else if (answer.status === 429 && attempt < ATTEMPTS) {
        await tools.delay(waitSeconds(answer, attempt) * 1000, signal);
      } else {
        return decode(answer, facts);
      }
    }
  };

  return {
    facts: (tried) => ({ tried: `${tried} at the monitor ${origin}`, changes: false }),
    now: () => tools.now(),
    get(path, query, facts, signal) {
      const parameters = new URLSearchParams(query).toString();
      const url = `${base}${path}?json${parameters === '' ? '' : `&${parameters}`}`;
      const turn = last.then(() => {
        signal?.throwIfAborted();
        return askPatiently(url, facts, signal);
      });
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

function wantsSignIn({ status }: HttpAnswer): boolean {
  return status === 401 || status === 403 || (status >= 300 && status < 400);
}

function waitSeconds(answer: HttpAnswer, attempt: number): number {
  const asked = Number(answer.headers['retry-after'] ?? Number.NaN);
  const seconds = Number.isFinite(asked) && asked >= 0 ? asked : FIRST_WAIT * 2 ** (attempt - 1);
  return Math.min(seconds, LONGEST_WAIT);
}

/** Things that are not there come as a web page with status 200; pages that need a sign-in as a redirect. */
function decode(answer: HttpAnswer, facts: CallFacts): unknown {
  if (answer.status >= 300 && answer.status < 400) {
    throw new PandaError({
      kind: 'unauthorised',
      tried: facts.tried,
      cameBack: 'the monitor wants a sign-in',
      advice: 'Sign in to the monitor once in a browser, then try again',
      status: answer.status,
    });
  }
  return decodeJson(answer, facts);
}
