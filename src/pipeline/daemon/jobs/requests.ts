import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { MailLedger } from '../../mail/ledger.ts';
import type { JobControlService } from '../../service/service.ts';
import type { JournalJob, ServiceJournal } from '../../service/journal.ts';
import type { DaemonFigures } from '../figures.ts';
import { jsonPage } from '../page.ts';
import type { Page } from '../page.ts';
import { heldMails } from './heldMails.ts';
import { activeNumbers, heldJobs, heldStreams, heldTasks, revisionOf } from './queries.ts';
import { MOST_ROWS } from './shapes.ts';
import type { HeldCancel, HeldChoice, HeldPage, HeldTasks } from './shapes.ts';

export interface JobRequestsDeps {
  /** Whoever does not know it hears nothing. */
  readonly token: string;
  readonly journal: ServiceJournal;
  readonly ledger: MailLedger;
  readonly services: readonly JobControlService[];
  readonly startTime: number;
  /** This and the next: as in the daemon's figures. */
  readonly status: () => string;
  readonly mails: () => DaemonFigures['mails'];
}

/** Answers requests for paths at and below `/jobs`. */
export type JobRequests = (request: IncomingMessage, url: URL) => Promise<Page>;

/** A request larger than this (bytes) is none. */
const LARGEST = 64 * 1024;

/** A request that cannot be answered, with its status and the reason. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * What the daemon holds, for whoever knows the token: `GET /jobs` (tasks), `/jobs/streams`, `/jobs/list`, `/jobs/mails`, and
 * `POST /jobs/cancel`. An answer to a GET has an ETag that stays while nothing changes, and costs nothing to be asked for again.
 */
export function createJobRequests(deps: JobRequestsDeps): JobRequests {
  const digest = digestOf(`Bearer ${deps.token}`);
  const ways: Readonly<Record<string, (url: URL) => unknown>> = {
    '/jobs': () => tasksOf(deps),
    '/jobs/streams': (url) => heldStreams(deps.journal.database, choiceIn(url), pageIn(url)),
    '/jobs/list': (url) => {
      const choice = { ...choiceIn(url), stream: wholeIn(url, 'stream', Number.MAX_SAFE_INTEGER) };
      return heldJobs(deps.journal.database, choice, pageIn(url));
    },
    '/jobs/mails': (url) => mailsOf(deps, wholeIn(url, 'number', Number.MAX_SAFE_INTEGER)),
  };
  const answer: JobRequests = async (request, url) => {
    if (!timingSafeEqual(digestOf(request.headers.authorization ?? ''), digest)) {
      throw new Refusal(401, 'The token is missing or another one.');
    }
    if (url.pathname === '/jobs/cancel') {
      if (request.method !== 'POST') throw new Refusal(405, 'Only POST is answered.');
      return jsonPage(200, await cancel(deps, choiceOf(await bodyOf(request))));
    }
    const way = Object.hasOwn(ways, url.pathname) ? ways[url.pathname] : undefined;
    if (way === undefined) throw new Refusal(404, 'There is no such path.');
    if (request.method !== 'GET') throw new Refusal(405, 'Only GET is answered.');
    const etag = tagOf(deps);
    if (request.headers['if-none-match'] === etag)
      return { status: 304, type: 'application/json', text: '', etag };
    return { ...jsonPage(200, await way(url)), etag };
  };
  return (request, url) =>
    answer(request, url).catch((error: unknown) => {
      const known = error instanceof Refusal;
      const reason = error instanceof Error ? error.message : String(error);
      return jsonPage(known ? error.status : 503, {
        error: known ? reason : `The daemon could not answer: ${reason}.`,
      });
    });
}

function tasksOf({ journal, status, startTime, mails }: JobRequestsDeps): HeldTasks {
  return { status: status(), startTime, mails: mails(), tasks: heldTasks(journal.database) };
}

async function mailsOf({ journal, ledger, services }: JobRequestsDeps, number: number): Promise<unknown> {
  const job = journal.byNumber(number);
  const service = services.find(({ user }) => user === job?.user);
  if (job === undefined || service === undefined) throw new Refusal(404, `There is no job ${number}.`);
  return { mails: await heldMails(job, ledger, (one) => service.summaryOf(one)) };
}

async function cancel({ journal, services }: JobRequestsDeps, choice: HeldChoice): Promise<HeldCancel> {
  const service = services.find(({ user }) => user === choice.user);
  if (service === undefined) throw new Refusal(404, `There is no user ${choice.user}.`);
  const jobs = activeNumbers(journal.database, choice)
    .map((number) => journal.byNumber(number))
    .filter((job): job is JournalJob => job !== undefined);
  const { asked, over, refused } = await service.cancelJobs(jobs);
  return { asked: asked.length, over: over.length, refused: refused.map(({ job }) => job.number) };
}

/** Of all that answers are made of; `startTime` tells one daemon from the next. */
function tagOf({ journal, startTime, status }: JobRequestsDeps): string {
  const digest = digestOf(`${startTime} ${revisionOf(journal.database)} ${status()}`);
  return `"${digest.toString('base64url')}"`;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function choiceIn(url: URL): Required<Pick<HeldChoice, 'user' | 'task'>> {
  return { user: textIn(url, 'user'), task: textIn(url, 'task') };
}

function pageIn(url: URL): HeldPage {
  const limit = wholeIn(url, 'limit', MOST_ROWS);
  if (limit === 0) throw new Refusal(400, 'limit has to be at least 1.');
  return { offset: wholeIn(url, 'offset', Number.MAX_SAFE_INTEGER), limit };
}

function textIn(url: URL, name: string): string {
  const value = url.searchParams.get(name) ?? '';
  if (!isName(value)) throw new Refusal(400, `${name} has to be a name.`);
  return value;
}

function wholeIn(url: URL, name: string, most: number): number {
  const text = url.searchParams.get(name) ?? '';
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!(value <= most)) throw new Refusal(400, `${name} has to be a whole number from 0 to ${most}.`);
  return value;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 200;
}

function choiceOf(body: unknown): HeldChoice {
  const wrong = new Refusal(400, 'The body has to be JSON with user, and task, stream or number.');
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrong;
  const { user, task, stream, number } = body as Partial<Record<keyof HeldChoice, unknown>>;
  const isWhole = (value: unknown): value is number | undefined =>
    value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0);
  if (!isName(user) || (task !== undefined && !isName(task)) || !isWhole(stream) || !isWhole(number))
    throw wrong;
  // All jobs of a user are nobody's slip.
  if (task === undefined && number === undefined) throw wrong;
  return {
    user,
    ...(task === undefined ? {} : { task }),
    ...(stream === undefined ? {} : { stream }),
    ...(number === undefined ? {} : { number }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST) throw new Refusal(413, 'The request is too large.');
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
}
