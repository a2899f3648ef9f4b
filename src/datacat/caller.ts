import { setTimeout as sleep } from 'node:timers/promises';
import { connectionError, decodeAnswer } from './answer.ts';
import type { CallFacts } from './answer.ts';
import { identityHeaders } from './authentication.ts';
import type { DatacatAuthentication } from './authentication.ts';
import { DatacatError } from './errors.ts';
import type { Http, HttpRequest } from './http.ts';

/** One call of a catalog. */
export interface Call<T> {
  readonly method: HttpRequest['method'];
  /** Below the base URL, percent-encoded, with its views: `/path.json/desc;v=current`. */
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly body?: object;
  /** A form in place of a body. */
  readonly form?: URLSearchParams;
  /** True for what changes something: it is not tried again when its answer is lost. */
  readonly changes: boolean;
  /** As a clause without the catalog: `list /desc`. */
  readonly tried: string;
  readonly decode: (value: unknown) => T;
  readonly signal: AbortSignal | undefined;
}

export interface CallerParts {
  /** Without a slash at its end. */
  readonly base: string;
  readonly authentication: DatacatAuthentication;
  readonly http: Http;
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

export type Caller = <T>(call: Call<T>) => Promise<T>;

const ATTEMPTS = 3;
const FIRST_WAIT_MS = 300;

/** Speaks to one catalog; rejects with DatacatError or the signal's reason. What reads is tried again after trouble that passes. */
export function createCaller(parts: CallerParts): Caller {
  return async (call) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(parts, call);
      } catch (error) {
        const again = error instanceof DatacatError && error.passing && !error.mayHaveActed;
        if (!again || attempt === ATTEMPTS) throw error;
      }
      const wait = FIRST_WAIT_MS * 3 ** (attempt - 1) * (0.5 + parts.random() / 2);
      await sleep(wait, undefined, call.signal === undefined ? {} : { signal: call.signal }).catch(() =>
        call.signal?.throwIfAborted(),
      );
    }
  };
}

async function once<T>(parts: CallerParts, call: Call<T>): Promise<T> {
  const { base, authentication, http, userAgent, timeoutMs, maxAnswerBytes: maxBytes, now } = parts;
  const { method, path, query, changes, signal } = call;
  const facts: CallFacts = { tried: `${call.tried} at ${base}`, changes };
  const { contentType, body } = bodyOf(call);
  const identity = await identityHeaders(authentication, { method, path, contentType }, now());
  const search = query === undefined || query.size === 0 ? '' : `?${query.toString()}`;
  try {
    const answer = await http.send({
      method,
      url: `${base}${path}${search}`,
      headers: {
        Accept: 'application/json',
        'User-Agent': userAgent,
        ...(body === undefined ? {} : { 'Content-Type': contentType }),
        ...identity,
      },
      ...(body === undefined ? {} : { body }),
      timeoutMs,
      maxBytes,
      signal,
    });
    return decodeAnswer(answer, call.decode, facts);
  } catch (error) {
    throw connectionError(error, facts);
  }
}

function bodyOf({ body, form }: Pick<Call<unknown>, 'body' | 'form'>): {
  readonly contentType: string;
  readonly body?: string;
} {
  if (form !== undefined) {
    return { contentType: 'application/x-www-form-urlencoded', body: form.toString() };
  }
  return body === undefined
    ? { contentType: '' }
    : { contentType: 'application/json', body: JSON.stringify(body) };
}
