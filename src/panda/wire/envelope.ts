import { cleanText, pageTitle } from '../text/cleanText.ts';
import { PandaError } from '../errors/errors.ts';
import type { PandaErrorFacts } from '../errors/errors.ts';
import type { HttpAnswer } from '../http/types.ts';
import { isPythonLiteral, tokenRefusal } from './quirks.ts';

/** PanDA's answer: `success` false is its ordinary way to refuse. */
export interface Envelope {
  readonly success: boolean;
  readonly message: string;
  readonly data: unknown;
}

/** What is known of the call when its answer is judged. */
export interface CallFacts {
  /** `submit 12 jobs to https://host:8443`. */
  readonly tried: string;
  /** True for calls that change something: an answer that cannot be read then leaves open what happened. */
  readonly changes: boolean;
  /** True where an answer that cannot be read may be secrets all the same: nothing of it is shown. */
  readonly confidential?: boolean;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The JSON of an answer, judged by its content and status: the content type is `text/plain` for everything.
 * Throws the PandaError that fits a refusal, a web page, half an answer or a traceback.
 */
export function decodeJson(answer: HttpAnswer, facts: CallFacts): unknown {
  const text = answer.body.toString('utf8');
  if (answer.status !== 200) {
    throw statusError(answer, text, facts);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(text, facts);
  }
}

/** The envelope of an answer. Throws PandaError; a refusal (`success` false) is returned, not thrown. */
export function decodeEnvelope(answer: HttpAnswer, facts: CallFacts): Envelope {
  const value = decodeJson(answer, facts);
  if (!isObject(value) || typeof value.success !== 'boolean') {
    throw protocolError(facts, 'the answer is JSON, but not in the form of a PanDA answer');
  }
  return {
    success: value.success,
    message: typeof value.message === 'string' ? value.message : '',
    data: value.data ?? null,
  };
}

/** The error for an answer that came whole but is not what was promised. */
export function protocolError(
  facts: CallFacts,
  cameBack: string,
  advice?: string,
  passing = false,
): PandaError {
  return new PandaError({
    kind: 'protocol',
    tried: facts.tried,
    cameBack,
    advice: advice ?? 'Check that the profile names a PanDA server, and tell its operators if it does',
    status: 200,
    mayHaveActed: facts.changes,
    passing,
  });
}

/** The same error with another clause on what came back. */
export function withCameBack(error: PandaError, cameBack: string): PandaError {
  const { kind, tried, advice, status, mayHaveActed, passing } = error;
  return new PandaError({
    kind,
    tried,
    cameBack,
    advice,
    mayHaveActed,
    passing,
    ...(status === undefined ? {} : { status }),
  });
}

function unreadable(text: string, facts: CallFacts): PandaError {
  const start = text.trimStart();
  if (start === '') {
    return protocolError(facts, 'an empty answer came back', 'Try again in a moment', true);
  }
  if (start.startsWith('<')) {
    return protocolError(
      facts,
      `a web page came back instead of data (“${pageTitle(text)}”)`,
      'Check the address in the profile, and whether a proxy or a sign-in page stands in between',
    );
  }
  if (isPythonLiteral(start)) {
    return protocolError(
      facts,
      'the server answered in Python notation instead of JSON',
      'Check whether a proxy changes the request headers Accept and Content-Type',
    );
  }
  if (start.startsWith('{') || start.startsWith('[') || start.startsWith('"')) {
    const came = `only part of the answer came (${text.length} characters)`;
    return protocolError(facts, came, 'Try again', true);
  }
  return protocolError(
    facts,
    facts.confidential === true
      ? "the answer is not PanDA's"
      : `the answer is not PanDA's: ${cleanText(text)}`,
  );
}

type Verdict = Pick<PandaErrorFacts, 'kind' | 'cameBack' | 'advice' | 'needsSignIn'>;

const SIGN_IN = 'Sign in again, or put another token where the profile looks for it';

export function statusError(answer: HttpAnswer, text: string, facts: CallFacts): PandaError {
  const { status } = answer;
  const html = text.trimStart().startsWith('<');
  const said = html ? `HTTP ${status} “${pageTitle(text)}”` : cleanText(text) || `HTTP ${status}`;
  const refused = status >= 300 && status < 500;
  return new PandaError({
    ...(refusedToken(status, text, said) ?? verdict(status, said, answer)),
    tried: facts.tried,
    status,
    mayHaveActed: facts.changes && !refused,
    passing: status === 502 || status === 503 || status === 504,
  });
}

function verdict(status: number, said: string, answer: HttpAnswer): Verdict {
  if (status >= 300 && status < 400) {
    const to = answer.headers.location ?? 'another address';
    return {
      kind: 'protocol',
      cameBack: `the server points to ${cleanText(to)} instead of answering`,
      advice: 'Check the address in the profile',
    };
  }
  if (status === 403) {
    return forbidden(said);
  }
  if (status === 404) {
    return {
      kind: 'notFound',
      cameBack: `there is nothing at this address (${said})`,
      advice: 'Check the address in the profile',
    };
  }
  if (status === 413 || status === 414) {
    return {
      kind: 'rejected',
      cameBack: `the request is too long for the server (${said})`,
      advice: 'Ask for less at once',
    };
  }
  if (status === 429) {
    return {
      kind: 'rejected',
      cameBack: `too many requests for now (${said})`,
      advice: 'Wait some minutes before asking again',
    };
  }
  if (status === 502 || status === 503 || status === 504) {
    return {
      kind: 'unreachable',
      cameBack: `a gateway answered that PanDA is not there (${said})`,
      advice: 'Try again in a few minutes',
    };
  }
  return {
    kind: 'protocol',
    cameBack: `the server failed with HTTP ${status}${said === `HTTP ${status}` ? '' : `: ${said}`}`,
    advice: 'Try again; if it stays, tell the operators of the server',
  };
}

function refusedToken(status: number, text: string, said: string): Verdict | undefined {
  switch (tokenRefusal(status, text)) {
    case 'unusable':
      return { kind: 'unauthorised', cameBack: said, advice: SIGN_IN, needsSignIn: true };
    case 'noMember':
      return {
        kind: 'unauthorised',
        cameBack: said,
        advice: 'Ask for membership, or use another VO or role',
      };
    case null:
      return undefined;
  }
}

/** 403 says one of three things more, in text: no such method, a banned user, or a web server's own page. */
function forbidden(said: string): Verdict {
  if (/^method .* is forbidden/.test(said)) {
    return {
      kind: 'rejected',
      cameBack: `the server does not offer this call (${said})`,
      advice: 'Check that the profile names a PanDA server with API v1',
    };
  }
  if (said.endsWith(' is banned')) {
    return { kind: 'unauthorised', cameBack: said, advice: 'Ask the operators of the server why' };
  }
  return { kind: 'unauthorised', cameBack: said, advice: SIGN_IN };
}

/** The error for `success: false`. */
export function refusal(envelope: Envelope, facts: CallFacts): PandaError {
  const cameBack = cleanText(envelope.message) || 'the server refused without a reason';
  return new PandaError({
    kind: unauthorised(cameBack) ? 'unauthorised' : 'rejected',
    tried: facts.tried,
    cameBack:
      cameBack === 'SSL secure connection is required' ? 'the server does not know who asks' : cameBack,
    advice: refusalAdvice(cameBack),
    status: 200,
  });
}

function unauthorised(message: string): boolean {
  return /SSL secure connection is required|role required|is missing production|not the task owner|no HTTPS/.test(
    message,
  );
}

function refusalAdvice(message: string): string {
  if (/role required|is missing production/.test(message)) {
    return 'This needs the production role: ask for it, or leave it to somebody who has it';
  }
  if (unauthorised(message)) {
    return 'Check that the profile names a token or certificate, and sign in';
  }
  if (/^(Argument|Type) error/.test(message)) {
    return 'The server may be of another version than this client knows: report it with this text';
  }
  return 'Mend what the server names and try again';
}
