import type { FilesApi } from '../api.ts';
import { connectionError } from './connectionError.ts';
import { decodeJson, protocolError } from '../wire/envelope.ts';
import type { CallFacts } from '../wire/envelope.ts';
import { isSignInPage } from '../wire/signIn.ts';
import { PandaError } from '../errors/errors.ts';
import type { Http, HttpAnswer, HttpRequest } from './types.ts';
import type { Identity } from '../auth/identity.ts';
import type { Profile } from '../profiles/profile.ts';
import { withRetries } from './retry.ts';
import type { RetryTools } from './retry.ts';

const LONGEST_RANGE = 16 * 1024 * 1024;
/** Storage that knows no ranges sends the whole file: read only when it is not longer than this, bytes. */
const LONGEST_WHOLE = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/** Reads part of a text that lies beside `pilotID`, by an HTTP range. */
export function createReadRange(
  profile: Profile,
  http: Http,
  identity: Identity,
  tools: RetryTools,
  userAgent: string,
): FilesApi['readRange'] {
  return async (url, from, length, options = {}) => {
    const target = checkUrl(url, from, length);
    const facts: CallFacts = { tried: `read ${target.pathname} from ${target.origin}`, changes: false };
    const request: HttpRequest = {
      method: 'GET',
      url: target.href,
      headers: {
        'User-Agent': userAgent,
        // Ranges of a compressed answer would count other bytes.
        'Accept-Encoding': 'identity',
        Range: `bytes=${from}-${from + length - 1}`,
      },
      timeoutMs: TIMEOUT_MS,
      maxBytes: LONGEST_WHOLE,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    const isOwn = isOwnHost(profile, target);
    return withRetries(true, tools, options.signal, async () => {
      const sending = isOwn ? identity.send(request, facts.tried) : http.send(request);
      const answer = await sending.catch((error: unknown) => {
        throw connectionError(error, facts);
      });
      return rangeOf(answer, from, length, facts);
    });
  };
}

function rangeOf(
  answer: HttpAnswer,
  from: number,
  length: number,
  facts: CallFacts,
): { bytes: Uint8Array; size: number } {
  if (answer.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers['content-range'] ?? '');
    if (range === null || Number(range[1]) !== from) {
      throw protocolError(facts, 'another part came than was asked for', 'Try again');
    }
    return { bytes: answer.body.subarray(0, length), size: Number(range[2]) };
  }
  if (answer.status === 200) {
    if (isSignInInstead(answer)) {
      throw protocolError(facts, 'a page to sign in came instead of the file', 'Open it in a browser');
    }
    return { bytes: answer.body.subarray(from, from + length), size: answer.body.length };
  }
  if (answer.status === 416) {
    // Nothing beyond the end: the file has not grown, or was begun anew by another attempt.
    const size = /^bytes \*\/(\d+)$/.exec(answer.headers['content-range'] ?? '')?.[1];
    return { bytes: new Uint8Array(), size: size === undefined ? from : Number(size) };
  }
  if (answer.status === 404) {
    throw new PandaError({
      kind: 'notFound',
      tried: facts.tried,
      cameBack: 'there is no such file (yet)',
      advice: 'Look again when the job has run a little, or has ended',
      status: 404,
    });
  }
  decodeJson(answer, facts);
  throw protocolError(facts, `HTTP ${answer.status} came instead of the file`);
}

/** A log may well hold HTML, but is not sent as a web page. */
function isSignInInstead({ body, headers }: HttpAnswer): boolean {
  const isPage =
    (headers['content-type'] ?? '').includes('html') && /^\s*</u.test(body.toString('utf8', 0, 256));
  return isPage && isSignInPage(body);
}

function checkUrl(url: string, from: number, length: number): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  const isHttp = target?.protocol === 'http:' || target?.protocol === 'https:';
  if (target === undefined || !isHttp || target.username !== '' || target.password !== '') {
    throw new PandaError({
      kind: 'rejected',
      tried: 'read a file',
      cameBack: 'its address is not one of the web',
      advice: 'This log cannot be read from here',
    });
  }
  if (!Number.isSafeInteger(from) || from < 0 || !Number.isSafeInteger(length) || length < 1) {
    throw new RangeError(`bytes ${from}+${length} are not a range`);
  }
  if (length > LONGEST_RANGE) {
    throw new RangeError(`a range of ${length} bytes is longer than ${LONGEST_RANGE}`);
  }
  return target;
}

/** The token goes to the hosts of the profile only, never where a pilot's text points to. */
function isOwnHost(profile: Profile, target: URL): boolean {
  return [profile.server, profile.cache, profile.monitor].some(
    (own) => own !== undefined && new URL(own).origin === target.origin,
  );
}
