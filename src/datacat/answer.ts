import { ShapeError } from './decode.ts';
import { DatacatError } from './errors.ts';
import type { DatacatErrorFacts } from './errors.ts';
import { HttpFailure } from './http.ts';
import type { HttpAnswer } from './http.ts';

/** What is known of a call when its answer is judged. */
export interface CallFacts {
  /** `list /desc at https://host/r`. */
  readonly tried: string;
  /** True for calls that change something. */
  readonly changes: boolean;
}

type Verdict = Pick<DatacatErrorFacts, 'kind' | 'cameBack' | 'advice'>;

const WRONG_ADDRESS = "Check the address of the profile's datacat";

/** What an answer holds, decoded; undefined for one without content. Throws DatacatError. */
export function decodeAnswer<T>(
  { status, text }: HttpAnswer,
  decode: (value: unknown) => T,
  facts: CallFacts,
): T {
  if (status < 200 || status >= 300) throw statusError(status, text, facts);
  try {
    return decode(status === 204 ? undefined : JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(status, text, facts);
    if (!(error instanceof ShapeError)) throw error;
    throw protocolError(
      status,
      facts,
      `the answer is not a data catalog's (${error.message})`,
      WRONG_ADDRESS,
    );
  }
}

function protocolError(
  status: number,
  { tried, changes }: CallFacts,
  cameBack: string,
  advice: string,
  passing = false,
): DatacatError {
  return new DatacatError({
    kind: 'protocol',
    tried,
    cameBack,
    advice,
    status,
    mayHaveActed: changes,
    passing,
  });
}

function unreadable(status: number, text: string, facts: CallFacts): DatacatError {
  const start = text.trimStart();
  if (start === '') return protocolError(status, facts, 'an empty answer came back', 'Try again', true);
  if (start.startsWith('<')) {
    const cameBack = `a web page came back instead of data (“${titleOf(text)}”)`;
    const advice = `${WRONG_ADDRESS}, and whether a sign-in page or proxy stands in between`;
    return protocolError(status, facts, cameBack, advice);
  }
  if (/^[[{"]/u.test(start)) {
    const cameBack = `only part of the answer came (${text.length} characters)`;
    return protocolError(status, facts, cameBack, 'Try again', true);
  }
  return protocolError(status, facts, `the answer is not JSON: ${plainText(text)}`, WRONG_ADDRESS);
}

function statusError(status: number, text: string, { tried, changes }: CallFacts): DatacatError {
  const { message, type } = catalogError(status, text);
  // A catalog that names its exception has not done what was asked.
  const refused = status < 500 || type !== '';
  return new DatacatError({
    ...verdict(status, message, type),
    tried,
    status,
    mayHaveActed: changes && !refused,
    passing: isGateway(status),
  });
}

function verdict(status: number, said: string, type: string): Verdict {
  const cameBack = said === '' ? `HTTP ${status}` : said;
  const refusal = REFUSALS.find(({ types, statuses }) => types.test(type) || statuses.includes(status));
  if (refusal !== undefined) return { kind: refusal.kind, cameBack, advice: refusal.advice };
  if (status < 400) {
    const elsewhere = `the server points to another address (HTTP ${status})`;
    return { kind: 'protocol', cameBack: elsewhere, advice: WRONG_ADDRESS };
  }
  if (isGateway(status)) {
    const gone = `a gateway answered that the catalog is not there (${cameBack})`;
    return { kind: 'unreachable', cameBack: gone, advice: 'Try again in a few minutes' };
  }
  if (status < 500) return { kind: 'rejected', cameBack, advice: 'Mend what the catalog names' };
  return {
    kind: 'protocol',
    cameBack: `the catalog failed with HTTP ${status}${said === '' ? '' : `: ${said}`}`,
    advice:
      'Check that the catalog knows the data type, the file format and the site that were named; if it stays, tell its operators',
  };
}

function isGateway(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/** What a catalog refuses with, the first that fits; the exception says more than the status. */
const REFUSALS: readonly (Pick<Verdict, 'kind' | 'advice'> & {
  readonly types: RegExp;
  readonly statuses: readonly number[];
})[] = [
  { types: /NotEmpty/u, statuses: [], kind: 'rejected', advice: 'Remove what it holds first' },
  {
    types: /AlreadyExists/u,
    statuses: [409],
    kind: 'exists',
    advice: 'Use what is there, or choose another name',
  },
  { types: /NoSuchFile|NotDirectory/u, statuses: [404], kind: 'notFound', advice: 'Check the path' },
  {
    types: /(?!)/u,
    statuses: [401],
    kind: 'unauthorised',
    advice: 'Sign in, or check the key of the data catalog',
  },
  {
    types: /AccessDenied/u,
    statuses: [403],
    kind: 'unauthorised',
    advice: "Check who the profile's datacat says you are, or ask the owners of the folder for the right",
  },
  { types: /ParseException/u, statuses: [422], kind: 'rejected', advice: 'Mend the filter' },
];

/** `{"message", "type", "cause"}`, or whatever else came. The cause of a refused query says why; others may be a stack. */
function catalogError(status: number, text: string): { readonly message: string; readonly type: string } {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) {
      const said = 'message' in json && typeof json.message === 'string' ? plainText(json.message) : '';
      const cause =
        (status === 400 || status === 422) && 'cause' in json && typeof json.cause === 'string'
          ? plainText(json.cause)
          : '';
      const message = [said, cause].filter((part) => part !== '').join(': ');
      return {
        message,
        type: 'type' in json && typeof json.type === 'string' ? json.type.slice(0, 100) : '',
      };
    }
  } catch {
    // Some errors are plain text or a page.
  }
  const isPage = text.trimStart().startsWith('<');
  return { message: isPage ? `“${titleOf(text)}”` : plainText(text), type: '' };
}

const LONGEST = 400;

/** One line, without markup, stacks and what looks like a secret, and not endless. */
function plainText(text: string): string {
  const line = text
    .slice(0, 4_000)
    .replace(/\n\s+at [\s\S]*$/u, '')
    .replace(/\b(Bearer|SRS)[\s:][^\s"]{8,}/giu, '$1 …')
    .replace(/<[^>]*>/gu, ' ')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/[.:\s]+$/u, '');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function titleOf(html: string): string {
  const title = /<title[^>]*>([^<]*)</iu.exec(html.slice(0, 4_000))?.[1];
  return plainText(title ?? html).slice(0, 80);
}

const NETWORK = 'Check that this machine can reach it (network, VPN, proxy)';

/** The DatacatError for a failed exchange; whatever else was thrown is returned as it is. */
export function connectionError(error: unknown, { tried, changes }: CallFacts): unknown {
  if (!(error instanceof HttpFailure)) return error;
  const { code, sent } = error;
  const facts = { tried, mayHaveActed: changes && sent };
  switch (code) {
    case 'timeout':
      return new DatacatError({
        ...facts,
        kind: 'unreachable',
        cameBack: 'no answer came in time',
        advice: 'Try again later; the catalog or the network is slow',
      });
    case 'tooLarge':
      return new DatacatError({
        ...facts,
        kind: 'protocol',
        cameBack: 'the answer is larger than this client reads',
        advice: 'Ask for less at once',
      });
    case 'proxyAuthentication':
      return new DatacatError({
        ...facts,
        kind: 'unreachable',
        cameBack: 'the proxy wants a name and password that it knows',
        advice: 'Put them into HTTPS_PROXY: http://name:password@host:port',
      });
    case 'proxy':
      return new DatacatError({
        ...facts,
        kind: 'unreachable',
        cameBack: 'the proxy did not let the connection through',
        advice: 'Check the proxy in the profile, or name the host in NO_PROXY where it is reached directly',
        passing: true,
      });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable('the name of the host cannot be found', `${WRONG_ADDRESS}, and the network`, error);
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return unreachable('nothing answers there', NETWORK, error);
    default:
      return /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME|ERR_TLS|ERR_SSL|EPROTO/u.test(code)
        ? new DatacatError({
            ...facts,
            kind: 'unreachable',
            cameBack: `the secure connection could not be made (${code})`,
            advice: "Name the file of the server's certificate authority in the profile",
          })
        : unreachable('the connection broke before the whole answer was here', 'Try again', error);
  }

  function unreachable(cameBack: string, advice: string, failure: HttpFailure): DatacatError {
    const what = `${cameBack} (${failure.code})`;
    return new DatacatError({ ...facts, kind: 'unreachable', cameBack: what, advice, passing: true });
  }
}
