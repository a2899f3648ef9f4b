import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Identity } from './auth/identity.ts';
import { decodeEnvelope, decodeJson, refusal } from './wire/envelope.ts';
import type { CallFacts, Envelope } from './wire/envelope.ts';
import { connectionError } from './http/connectionError.ts';
import type { HttpAnswer, HttpRequest } from './http/types.ts';
import { withRetries } from './http/retry.ts';
import type { RetryTools } from './http/retry.ts';

/** One call of API v1. */
export interface ApiCall {
  /** `job/submit`. */
  readonly path: string;
  /** What is tried, as a clause without the server: `submit 12 jobs`. */
  readonly tried: string;
  /** Arguments of a GET; a list repeats its key. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly (number | string)[]>>;
  /** Arguments of a POST; present exactly for POST. */
  readonly body?: Readonly<Record<string, unknown>> | MultipartBody;
  /** True for calls that only read: they are repeated when no answer came. */
  readonly reads: boolean;
  /** The answer holds secrets. */
  readonly confidential?: true;
  /** How long the answer may take; `ordinary` where not said. */
  readonly pace?: keyof CallLimits['timeoutsMs'];
  readonly signal?: AbortSignal | undefined;
}

/** A body that is ready as it is. */
export class MultipartBody {
  readonly contentType: string;
  readonly bytes: Uint8Array;

  constructor(contentType: string, bytes: Uint8Array) {
    this.contentType = contentType;
    this.bytes = bytes;
  }
}

/** Speaks API v1 of one profile. All methods reject with PandaError, or with the signal's reason. */
export interface ApiCaller {
  /** The data of a successful answer; a refusal rejects. */
  data(call: ApiCall): Promise<unknown>;
  /** The whole answer, for calls whose refusals have to be looked at. */
  envelope(call: ApiCall): Promise<Envelope>;
  /** Any JSON, for the calls that answer without envelope. */
  json(call: ApiCall): Promise<unknown>;
  facts(call: ApiCall): CallFacts;
}

export interface CallLimits {
  /** How long a call waits for its whole answer, milliseconds. A real server takes 10 to 20 ms a job. */
  readonly timeoutsMs: { readonly quick: number; readonly ordinary: number; readonly upload: number };
  /** Answers longer than this are not read, bytes. 300 descriptions are about 1 MB. */
  readonly maxAnswerBytes: number;
  /** Bodies from this size on are compressed, bytes. */
  readonly gzipFromBytes: number;
}

export const DEFAULT_LIMITS: CallLimits = {
  timeoutsMs: { quick: 15_000, ordinary: 120_000, upload: 600_000 },
  maxAnswerBytes: 64 * 1024 * 1024,
  gzipFromBytes: 8 * 1024,
};

const compress = promisify<Uint8Array, { level: number }, Buffer>(gzip);

export function createApiCaller(
  server: string,
  identity: Identity,
  tools: RetryTools,
  limits: CallLimits,
  userAgent: string,
): ApiCaller {
  const factsOf = (call: ApiCall): CallFacts => ({
    tried: `${call.tried} ${call.tried.startsWith('get ') ? 'from' : 'at'} ${server}`,
    changes: !call.reads,
    confidential: call.confidential ?? false,
  });

  const request = async (call: ApiCall): Promise<HttpAnswer> => {
    const facts = factsOf(call);
    const body = await encodeBody(call.body, limits);
    const sent: HttpRequest = {
      method: call.body === undefined ? 'GET' : 'POST',
      url: `${server}/api/v1/${call.path}${queryText(call.query)}`,
      // Exactly these two content headers: with anything added the server reads and answers another format.
      headers: { Accept: 'application/json', 'User-Agent': userAgent, ...body.headers },
      ...(body.bytes === undefined ? {} : { body: body.bytes }),
      timeoutMs: limits.timeoutsMs[call.pace ?? 'ordinary'],
      maxBytes: limits.maxAnswerBytes,
      freshConnection: !call.reads,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    };
    try {
      return identity.hide(await identity.send(sent, facts.tried));
    } catch (error) {
      throw connectionError(error, facts);
    }
  };

  const decoded = <T>(call: ApiCall, decode: (answer: HttpAnswer, facts: CallFacts) => T): Promise<T> =>
    withRetries(call.reads, tools, call.signal, async () => decode(await request(call), factsOf(call)));

  return {
    facts: factsOf,
    envelope: (call) => decoded(call, decodeEnvelope),
    json: (call) => decoded(call, decodeJson),
    async data(call) {
      const envelope = await decoded(call, decodeEnvelope);
      if (!envelope.success) {
        throw refusal(envelope, factsOf(call));
      }
      return envelope.data;
    },
  };
}

interface EncodedBody {
  readonly bytes?: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

async function encodeBody(body: ApiCall['body'], limits: CallLimits): Promise<EncodedBody> {
  if (body === undefined) {
    return { headers: {} };
  }
  if (body instanceof MultipartBody) {
    return { bytes: body.bytes, headers: { 'Content-Type': body.contentType } };
  }
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  const headers = { 'Content-Type': 'application/json' };
  if (bytes.length < limits.gzipFromBytes) {
    return { bytes, headers };
  }
  // Records repeat one another: the lowest level already makes them a hundred times smaller.
  return { bytes: await compress(bytes, { level: 1 }), headers: { ...headers, 'Content-Encoding': 'gzip' } };
}

function queryText(query: ApiCall['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of typeof value === 'object' ? value : [value]) {
      parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
