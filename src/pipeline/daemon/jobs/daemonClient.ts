import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { readDaemonConnection } from './connectionFile.ts';
import type {
  HeldCancel,
  HeldChoice,
  HeldJobs,
  HeldMail,
  HeldPage,
  HeldStreams,
  HeldTasks,
} from './shapes.ts';

/**
 * - `absent`: there is no connection file;
 * - `unreadable`: it may not be read;
 * - `notRunning`: nobody answers where it says;
 * - `silent`: somebody takes calls there and does not answer in time;
 * - `denied`: the token is another one's;
 * - `refused`: the daemon says no, or gives an answer that is none.
 */
export type DaemonTrouble = 'absent' | 'unreadable' | 'notRunning' | 'silent' | 'denied' | 'refused';

/** A daemon that could not be asked. */
export class DaemonCallError extends Error {
  override readonly name = 'DaemonCallError';
  readonly trouble: DaemonTrouble;
  readonly advice: string;

  constructor(trouble: DaemonTrouble, message: string, advice: string) {
    super(message);
    this.trouble = trouble;
    this.advice = advice;
  }
}

/**
 * A running daemon, as programs of its machine see it. Calls reject with a DaemonCallError. The same object comes again while
 * nothing has changed.
 */
export interface DaemonClient {
  /** Absolute path of its connection file. */
  readonly file: string;
  tasks(signal?: AbortSignal): Promise<HeldTasks>;
  streams(choice: { user: string; task: string }, page: HeldPage, signal?: AbortSignal): Promise<HeldStreams>;
  jobs(
    choice: { user: string; task: string; stream: number },
    page: HeldPage,
    signal?: AbortSignal,
  ): Promise<HeldJobs>;
  mails(number: number, signal?: AbortSignal): Promise<readonly HeldMail[]>;
  cancel(choice: HeldChoice, signal?: AbortSignal): Promise<HeldCancel>;
}

const ANSWER_MS = 10_000;
/** PanDA is asked meanwhile. */
const CANCEL_MS = 120_000;
const LARGEST_ANSWER = 16 * 1024 * 1024;
const MOST_KEPT = 500;

export function createDaemonClient(file: string): DaemonClient {
  const kept = new Map<string, { readonly etag: string; readonly value: unknown }>();
  const get = async <T>(path: string, signal: AbortSignal | undefined): Promise<T> => {
    const known = kept.get(path);
    const tag = known === undefined ? {} : { 'If-None-Match': known.etag };
    const answer = await call(file, { path, headers: tag, wait: ANSWER_MS, signal });
    if (answer.status === 304 && known !== undefined) return known.value as T;
    const value = valueOf(answer);
    if (kept.size >= MOST_KEPT) kept.clear();
    const { etag } = answer.headers;
    if (etag !== undefined) kept.set(path, { etag, value });
    return value as T;
  };
  return {
    file,
    tasks: (signal) => get('/jobs', signal),
    streams: (choice, page, signal) => get(`/jobs/streams?${query({ ...choice, ...page })}`, signal),
    jobs: (choice, page, signal) => get(`/jobs/list?${query({ ...choice, ...page })}`, signal),
    async mails(number, signal) {
      const { mails } = await get<{ mails: readonly HeldMail[] }>(`/jobs/mails?${query({ number })}`, signal);
      return mails;
    },
    async cancel(choice, signal) {
      const body = JSON.stringify(choice);
      const headers = { 'Content-Type': 'application/json' };
      const answer = await call(file, { path: '/jobs/cancel', headers, body, wait: CANCEL_MS, signal });
      return valueOf(answer) as HeldCancel;
    },
  };
}

function query(values: Readonly<Record<string, string | number>>): string {
  const texts = Object.entries(values).map(([name, value]) => [name, String(value)] as const);
  return String(new URLSearchParams(Object.fromEntries(texts)));
}

interface Call {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly wait: number;
  readonly signal: AbortSignal | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

async function call(file: string, { path, headers, body, wait, signal }: Call): Promise<Answer> {
  // Read anew each time: a daemon that was started again has another port and another token.
  const connection = await readDaemonConnection(file).catch((error: unknown) => {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new DaemonCallError(
      'unreadable',
      `${file} cannot be read (${reason})`,
      'It is readable by its owner only',
    );
  });
  if (connection === undefined) {
    throw new DaemonCallError('absent', `It does not run: ${file} is not there`, 'Start the daemon');
  }
  const late = AbortSignal.timeout(wait);
  const answer = Promise.withResolvers<Answer>();
  const options = {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, Authorization: `Bearer ${connection.token}` },
    signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    agent: false as const,
  };
  const failed = (error: Error): void => {
    if (signal?.aborted === true) answer.reject(signal.reason as Error);
    else answer.reject(late.aborted ? silent(connection.url) : notRunning(connection.url, error));
  };
  const sent = request(`${connection.url}${path}`, options, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (piece: string) => {
      text += piece;
      if (text.length > LARGEST_ANSWER) response.destroy(new Error('its answer is too large'));
    });
    response.on('error', failed);
    response.on('end', () => {
      answer.resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
  });
  sent.on('error', failed);
  sent.end(body);
  return answer.promise;
}

function silent(url: string): DaemonCallError {
  return new DaemonCallError('silent', `It does not answer at ${url}`, 'Look into its log');
}

function notRunning(url: string, error: Error): DaemonCallError {
  const reason = 'code' in error ? String(error.code) : error.message;
  return new DaemonCallError(
    'notRunning',
    `It does not run: nobody answers at ${url} (${reason})`,
    'Start the daemon',
  );
}

function valueOf({ status, text }: Answer): unknown {
  const value = parsed(text);
  if (status === 200 && value !== undefined) return value;
  if (status === 401) {
    throw new DaemonCallError(
      'denied',
      'It does not take the token of its connection file',
      'Start it again',
    );
  }
  const said = value?.error;
  const reason = typeof said === 'string' ? said : `its answer is none of a daemon's (status ${status})`;
  throw new DaemonCallError('refused', `It refuses: ${reason}`, 'Look into its log');
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
