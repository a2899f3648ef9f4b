import { isSignInAddress, isSignInPage, pageTitle } from '../../panda/index.ts';
import type { HttpAnswer } from '../../panda/index.ts';
import { failed, ok, warning } from '../check.ts';
import type { Finding } from '../check.ts';

/** What is asked for over HTTP, and what is to come back. */
export interface HttpHop {
  readonly url: string;
  /** Whether what comes back has to be data. */
  readonly wantsData: boolean;
  /** States besides 200 that are as good, as 404 where nothing is to be found. */
  readonly alsoGood?: readonly number[];
  /** Whether a sign-in may be asked for: the client then sends its token. */
  readonly mayAskWho?: boolean;
}

const HEAD = 64 * 1024;

/** What an answer says of the way to a server. Nothing was sent that proves who asks. */
export function judgeAnswer(answer: HttpAnswer, hop: HttpHop): Finding {
  const { url, wantsData, alsoGood = [], mayAskWho = false } = hop;
  const { status, headers } = answer;
  const text = answer.body.toString('utf8', 0, HEAD);
  const asksWho = isSignInPage(answer.body);
  const trouble = mayAskWho ? warning : failed;
  if (alsoGood.includes(status) && !asksWho) return ok(`HTTP ${status}, which is an answer`);
  if (status >= 300 && status < 400) return redirected(headers.location ?? '', url, trouble);
  const isPage = /^\s*<(?:!doctype html|html|head|body|title|!--)/i.test(text);
  const said = isPage ? `HTTP ${status}, a web page (“${pageTitle(text)}”)` : `HTTP ${status}`;
  if (isPage && asksWho) return trouble(`${said}: a page to sign in stands between`, SIGN_IN_ADVICE);
  if (status === 200) return isPage && wantsData ? failed(`${said} instead of data`, OTHER_SERVER) : ok(said);
  return judgeStatus(status, said, trouble);
}

function judgeStatus(status: number, said: string, trouble: typeof failed): Finding {
  if (status === 401 || status === 403) {
    return trouble(`${said}: it does not answer without knowing who asks`, WHO_ADVICE);
  }
  const known = STATUSES.get(status) ?? (status >= 500 ? STATUSES.get(500) : undefined);
  const [why, advice] = known ?? OTHER;
  return failed(`${said}: ${why}`, advice);
}

type Words = readonly [why: string, advice: string];

const LATER = 'Try again in some minutes; if it stays, tell the operators of the server';
const GATEWAY: Words = ['a gateway answers that what is behind it is not there', LATER];
const OTHER: Words = ['not the answer of a server that works', 'Check the address in the profile'];
const STATUSES: ReadonlyMap<number, Words> = new Map([
  [404, ['there is nothing at this address', 'Check host, port and path of the address in the profile']],
  [407, ['a proxy wants a name and password', 'Put them into HTTPS_PROXY: http://name:password@host:port']],
  [429, ['too many requests for now', 'Wait some minutes']],
  [500, ['the server fails', LATER]],
  [502, GATEWAY],
  [503, GATEWAY],
  [504, GATEWAY],
]);
const WHO_ADVICE = 'See below whether it takes your sign-in; if not, check the address in the profile';
const OTHER_SERVER = 'Check host and port: this is another server, or something between answers in its place';
const SIGN_IN_ADVICE =
  'Sign in to this network in a browser, or set the proxy of this network; where the server itself asks, check the address in the profile';

function redirected(location: string, from: string, trouble: typeof failed): Finding {
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (to === undefined)
    return trouble(
      'it points to another address, but does not say which',
      'Check the address in the profile',
    );
  const place = `${to.origin}${to.pathname}`;
  if (isSignInAddress(to)) {
    return trouble(`it points to a page to sign in, ${place}, instead of answering`, SIGN_IN_ADVICE);
  }
  return trouble(
    `it points to ${place} instead of answering`,
    `Check whether the profile should name ${to.origin}`,
  );
}

/** Clocks that differ by more are worth a word, ms; tokens and S3 signatures allow some minutes. */
const DIFFERENCE = 60_000;
const TOO_MUCH = 5 * 60_000;

/** What the `Date` of an answer says of this machine's clock; undefined where it says nothing. */
export function judgeClock(
  answer: HttpAnswer,
  now: number,
  format: (ms: number) => string,
): Finding | undefined {
  const theirs = Date.parse(answer.headers.date ?? '');
  // What a cache hands out may be of yesterday.
  if (Number.isNaN(theirs) || answer.headers.age !== undefined) return undefined;
  const ahead = now - theirs;
  if (Math.abs(ahead) < DIFFERENCE) return ok('this machine and the server agree on the time');
  const detail = `this machine's clock is ${format(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} the server's`;
  const advice = 'Set the clock of this machine (as with NTP): tokens and signed URLs depend on it';
  return Math.abs(ahead) < TOO_MUCH ? warning(detail, advice) : failed(detail, advice);
}
