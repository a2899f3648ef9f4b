import { connectionError } from '../http/connectionError.ts';
import { decodeJson } from '../wire/envelope.ts';
import type { CallFacts } from '../wire/envelope.ts';
import type { Http, HttpAnswer, HttpRequest } from '../http/types.ts';
import { withRetries } from '../http/retry.ts';
import type { RetryTools } from '../http/retry.ts';

/** Gets a JSON document. Rejects with PandaError. */
export type AskJson = (url: string, facts: CallFacts) => Promise<unknown>;

/** Descriptions and token sets have some kilobytes. */
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 30_000;

export interface AskOptions {
  readonly userAgent: string;
  readonly signal?: AbortSignal | undefined;
  /** Told of each answer. */
  readonly onAnswer?: (answer: HttpAnswer) => void;
}

export function createAskJson(
  http: Http,
  tools: RetryTools,
  { userAgent, signal, onAnswer }: AskOptions,
): AskJson {
  return (url, facts) =>
    withRetries(true, tools, signal, async () => {
      const request: HttpRequest = {
        method: 'GET',
        url,
        headers: { Accept: 'application/json', 'User-Agent': userAgent },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        // Asked once an hour: nothing is kept open for it.
        freshConnection: true,
        ...(signal === undefined ? {} : { signal }),
      };
      const answer = await http.send(request).catch((error: unknown) => {
        throw connectionError(error, facts);
      });
      onAnswer?.(answer);
      return decodeJson(answer, facts);
    });
}

/** Clocks that differ by less (ms) are taken for the same: a `Date` header has whole seconds and was on its way. */
const SAME_TIME_MS = 5_000;

/** How much the clock of a server is ahead of ours, ms, by its answer; 0 where it does not tell. */
export function clockOffset({ headers }: HttpAnswer, now: number): number {
  const time = Date.parse(headers.date ?? '');
  // What a cache hands out may be of yesterday.
  if (Number.isNaN(time) || headers.age !== undefined) return 0;
  return Math.abs(time - now) > SAME_TIME_MS ? time - now : 0;
}

/** What `openid-client` calls in place of `fetch`; told of each answer. */
export function fetchOver(http: Http, userAgent: string, onAnswer: (answer: HttpAnswer) => void) {
  return async (
    url: string,
    options: {
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: unknown;
      readonly signal?: AbortSignal;
    },
  ): Promise<Response> => {
    const { method, headers, body, signal } = options;
    const answer = await http.send({
      method: method === 'GET' ? 'GET' : 'POST',
      url,
      headers: { ...headers, 'User-Agent': userAgent },
      ...(body instanceof URLSearchParams ? { body: Buffer.from(body.toString()) } : {}),
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      // A refresh token must not be sent twice because a kept connection was just being closed.
      freshConnection: true,
      ...(signal === undefined ? {} : { signal }),
    });
    onAnswer(answer);
    return new Response(new Uint8Array(answer.body), { status: answer.status, headers: answer.headers });
  };
}
