import { cleanText, pageTitle } from '../text/cleanText.ts';
import { isSignInAddress, isSignInPage } from '../wire/signIn.ts';
import { decodeJson, isObject, protocolError, statusError } from '../wire/envelope.ts';
import type { CallFacts } from '../wire/envelope.ts';
import { PandaError } from '../errors/errors.ts';
import type { HttpAnswer } from '../http/types.ts';

/** Of a web page only the beginning is looked at, bytes. */
const PAGE_HEAD = 64 * 1024;

/** What is known of a call when the monitor's answer to it is judged. */
export interface AnswerFacts extends CallFacts {
  /** The monitor's address. */
  readonly origin: string;
  /** A token went along. */
  readonly withToken: boolean;
  /** What is missing where the monitor sends a web page instead of data: `such job`; undefined where that says nothing. */
  readonly missing?: string | undefined;
}

/** The monitor wants to know who asks: by status, by a redirect, or by a page to sign in that comes in place of the answer. */
export function wantsSignIn(answer: HttpAnswer, origin: string): boolean {
  const { status, headers } = answer;
  if (status === 401 || status === 403) return true;
  if (status < 300 || status >= 400) return isPage(answer) && isSignInPage(answer.body);
  const { location = '' } = headers;
  return URL.canParse(location, origin) && isSignInAddress(new URL(location, origin));
}

/** The JSON of an answer. Things that are not there come as a web page with status 200, and errors as `{"error": text}`. */
export function decodeMonitorAnswer(answer: HttpAnswer, facts: AnswerFacts): unknown {
  if (wantsSignIn(answer, facts.origin) && answer.status !== 403) throw signInError(answer, facts);
  if (isPage(answer) && answer.status === 200) throw pageError(answer, facts);
  if (answer.status === 200) return decodeJson(withoutNaN(answer), facts);
  const said = errorText(answer);
  // The same judgement of the status, with the text alone.
  return decodeJson(said === undefined ? answer : { ...answer, body: Buffer.from(said) }, facts);
}

/** The monitor is written in Python, whose JSON has numbers that others do not know: `null` takes their place. */
function withoutNaN(answer: HttpAnswer): HttpAnswer {
  if (!answer.body.includes('NaN') && !answer.body.includes('Infinity')) return answer;
  const text = answer.body.toString('utf8');
  const replaced = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"?|-?\b(?:NaN|Infinity)\b/gsu, (found) =>
    found.startsWith('"') ? found : 'null',
  );
  return { ...answer, body: Buffer.from(replaced) };
}

/** The text of a web page that was asked for. */
export function decodeMonitorPage(answer: HttpAnswer, facts: AnswerFacts): string {
  if (wantsSignIn(answer, facts.origin) && answer.status !== 403) throw signInError(answer, facts);
  const text = answer.body.toString('utf8');
  if (answer.status !== 200) throw statusError(answer, pageTitle(text), facts);
  return text;
}

/** Judged by the body first: what is JSON is taken, whatever it is called. */
function isPage({ body, headers }: HttpAnswer): boolean {
  const start = body.toString('utf8', 0, 256).trimStart().charAt(0);
  if (start === '{' || start === '[') return false;
  return start === '<' || (start !== '' && (headers['content-type'] ?? '').includes('html'));
}

function signInError({ status }: HttpAnswer, { tried, origin, withToken }: AnswerFacts): PandaError {
  return new PandaError({
    kind: 'unauthorised',
    tried,
    cameBack: withToken
      ? "the monitor does not take the profile's token"
      : 'the monitor wants a sign-in, and the profile has no token',
    advice: withToken
      ? `Sign in at ${origin} once in a browser with the same account, then try again`
      : 'Sign in with PanDA, or name a token in the profile',
    status,
    needsSignIn: !withToken,
  });
}

function pageError(answer: HttpAnswer, facts: AnswerFacts): PandaError {
  const title = pageTitle(answer.body.toString('utf8', 0, PAGE_HEAD));
  if (facts.missing !== undefined) {
    return new PandaError({
      kind: 'notFound',
      tried: facts.tried,
      cameBack: `the monitor knows no ${facts.missing}`,
      advice: 'Check the number and the profile',
      status: 200,
    });
  }
  return protocolError(
    facts,
    `a web page came back instead of data (“${title}”)`,
    `This monitor does not answer that to programs: look at ${facts.origin} in a browser`,
  );
}

function errorText({ body }: HttpAnswer): string | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const text = isObject(value) ? (value.error ?? value.detail) : undefined;
    return typeof text === 'string' ? cleanText(text) : undefined;
  } catch {
    return undefined;
  }
}
