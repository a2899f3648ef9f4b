import { setImmediate } from 'node:timers/promises';
import { JavaThrowable, jobControlException, noSuchJobException, timeoutException } from '../rmi/index.ts';
import type { CallContext, Job, JobControlHandlers, JobFileName, JobStatus } from '../rmi/index.ts';
import { endJobs } from './endJobs.ts';
import type { EndedJobs } from './endJobs.ts';
import { openFileOf, openJobFile } from './jobFile.ts';
import type { OpenedFile } from './jobFile.ts';
import type { JournalJob } from './journal.ts';
import { createStatuses } from './statuses.ts';
import type { JobStatuses } from './statuses.ts';
import { createStatusPoll } from './statusPoll.ts';
import type { StatusPoll } from './statusPoll.ts';
import { createSubmitter } from './submitter.ts';
import type { Submitter, SubmitterOptions } from './submitter.ts';
import { asThrowable } from './trouble.ts';

export interface JobControlServiceOptions extends SubmitterOptions {
  /** For so long (ms) what PanDA said of jobs is good. */
  readonly cacheMs: number;
  /** Told after each poll of PanDA. */
  readonly onPolled?: () => void;
}

/** What the service did since it began, for its operators. Times are epoch milliseconds. */
export interface ServiceFigures {
  submitted: number;
  lastSubmitted: number | null;
  lastFailed: number | null;
}

/** Job control for one of the pipeline's users. */
export interface JobControlService {
  readonly user: string;
  readonly handlers: JobControlHandlers;
  readonly poll: StatusPoll;
  readonly submitter: Submitter;
  readonly figures: Readonly<ServiceFigures>;
  /** What a job wrote for the pipeline; undefined where it wrote nothing. Rejects where that cannot be found out now. */
  summaryOf(job: JournalJob): Promise<string | undefined>;
  /** Asks PanDA to end jobs of this user. Rejects where PanDA cannot be asked; it is then asked again after a restart. */
  cancelJobs(jobs: readonly JournalJob[]): Promise<EndedJobs>;
  /** Goes on with cancels that were noted and may not have been sent. */
  recover(): Promise<void>;
}

/** A summary is small; it is to be answered within this time (ms). */
const FILE_MS = 5_000;
/** The same where nobody waits for it. */
const SUMMARY_MS = 60_000;
const LARGEST_FILE = 16 * 1024 * 1024;
const CHUNK = 1024 * 1024;
/** Jobs that are looked for in the journal before others have their turn. */
const SLICE = 500;

export function createJobControlService(options: JobControlServiceOptions): JobControlService {
  return new Service(options);
}

class Service implements JobControlService {
  readonly #options: JobControlServiceOptions;
  readonly user: string;
  readonly poll: StatusPoll;
  readonly submitter: Submitter;
  readonly #statuses: JobStatuses;
  readonly figures: ServiceFigures = { submitted: 0, lastSubmitted: null, lastFailed: null };
  readonly handlers: JobControlHandlers;

  constructor(options: JobControlServiceOptions) {
    this.#options = options;
    this.user = options.user;
    this.submitter = createSubmitter(options);
    const { journal, account } = options;
    const { unnoted } = this.submitter;
    const owner = account.deps.profile.user;
    this.#statuses = createStatuses({ user: options.user, owner, journal, unnoted });
    this.poll = createStatusPoll({ ...options, onPolled: options.onPolled ?? (() => undefined) });
    this.handlers = {
      submit: (job) => this.#submit(job),
      status: (id) => this.#orThrowable('ask for the job', () => this.#status(id)),
      arrayStatus: (ids) => this.#orThrowable('ask for jobs', () => this.#arrayStatus(ids)),
      cancel: (id) => this.#orThrowable('cancel the job', () => this.#cancel(id)),
      getFile: (file, context) => this.#orThrowable('read the file', () => this.#getFile(file, context)),
      getFileStream: (file, context) =>
        this.#orThrowable('read the file', () => this.#getFileStream(file, context)),
    };
  }

  async cancelJobs(jobs: readonly JournalJob[]): Promise<EndedJobs> {
    const { journal, account, tell } = this.#options;
    const cancelRequested = account.deps.clock.now();
    journal.database.transaction(() => {
      for (const { number } of jobs) journal.change(number, { cancelRequested });
    });
    for (const { instance, pandaId } of jobs) tell('info', 'cancel', { instance, pandaId });
    return this.#end(jobs);
  }

  async recover(): Promise<void> {
    const { journal, tell } = this.#options;
    const asked = journal.cancelled(this.user);
    for (const job of asked) {
      tell('info', 'cancel.again', { instance: job.instance, pandaId: job.pandaId });
    }
    throwRefused((await this.#end(asked)).refused);
  }

  async summaryOf(job: JournalJob): Promise<string | undefined> {
    const signal = AbortSignal.timeout(SUMMARY_MS);
    const opened = await openFileOf(job, 'pipeline_summary', this.#options, signal);
    return opened === undefined ? undefined : readSmall(opened, signal);
  }

  async #submit(job: Job): Promise<string> {
    const { clock } = this.#options.account.deps;
    try {
      const id = await this.submitter.submit(job);
      this.figures.submitted += 1;
      this.figures.lastSubmitted = clock.now();
      return id;
    } catch (error) {
      this.figures.lastFailed = clock.now();
      throw error;
    }
  }

  async #status(id: string): Promise<JobStatus> {
    await this.poll.current();
    const status = this.#statuses.of(id);
    if (status === undefined) throw noSuchJobException(`Job id ${id}`);
    return status;
  }

  async #arrayStatus(ids: readonly string[]): Promise<ReadonlyMap<string, JobStatus | null>> {
    await this.poll.current();
    const found = new Map<string, JobStatus | null>();
    for (const [index, id] of ids.entries()) {
      if (index % SLICE === SLICE - 1) await setImmediate();
      found.set(id, this.#statuses.of(id) ?? null);
    }
    return found;
  }

  async #cancel(id: string): Promise<void> {
    const job = this.#statuses.find(id);
    if (job === undefined || job.ended) throw noSuchJobException(`No such job, id=${id}`);
    const { over, refused } = await this.cancelJobs([job]);
    if (over.length > 0) throw noSuchJobException(`No such job, id=${id}`);
    throwRefused(refused);
  }

  async #end(jobs: readonly JournalJob[]): Promise<EndedJobs> {
    const ended = await endJobs(jobs, this.#options.account);
    this.poll.invalidate();
    for (const { job, state } of ended.refused) {
      const { instance, pandaId } = job;
      this.#options.tell('warning', 'cancel.refused', { instance, pandaId, state });
    }
    return ended;
  }

  async #getFile(file: JobFileName, { signal }: CallContext): Promise<string> {
    const late = AbortSignal.timeout(FILE_MS);
    const reading = this.#readSmall(file, AbortSignal.any([signal, late]));
    const { promise, reject } = Promise.withResolvers<never>();
    late.addEventListener('abort', () => reject(timeoutException()), { once: true });
    return Promise.race([reading, promise]);
  }

  async #readSmall(file: JobFileName, signal: AbortSignal): Promise<string> {
    return readSmall(await openJobFile(file, this.#options, signal), signal);
  }

  async #getFileStream(file: JobFileName, { signal }: CallContext): Promise<AsyncIterable<Uint8Array>> {
    return streamOf(await openJobFile(file, this.#options, signal));
  }

  async #orThrowable<T>(tried: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof JavaThrowable) throw error;
      const thrown = asThrowable(tried, error, this.#options.tell);
      // Not about a job, whatever PanDA's reason.
      throw jobControlException(thrown.detail ?? `Could not ${tried}`);
    }
  }
}

function throwRefused([first]: EndedJobs['refused']): void {
  if (first === undefined) return;
  throw jobControlException(`PanDA does not end job ${first.job.pandaId}, which is ${first.state}`);
}

async function readSmall(opened: OpenedFile, signal: AbortSignal): Promise<string> {
  const pieces: Uint8Array[] = [];
  try {
    let size = 0;
    for await (const piece of piecesOf(opened, signal)) {
      size += piece.length;
      if (size > LARGEST_FILE)
        throw jobControlException('The file is too large for getFile: use getFileStream');
      pieces.push(piece);
    }
  } finally {
    await opened.close();
  }
  return Buffer.concat(pieces).toString();
}

async function* piecesOf(file: OpenedFile, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
  for (let from = 0; ;) {
    signal?.throwIfAborted();
    const piece = await file.read(from, CHUNK);
    if (piece.length === 0) return;
    yield piece;
    from += piece.length;
  }
}

/** Closes the file however the reading ends, also where it is given up before it began. */
function streamOf(file: OpenedFile): AsyncIterable<Uint8Array> {
  const pieces = piecesOf(file);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= file.close());
  const iterator: AsyncIterator<Uint8Array, void, void> = {
    async next() {
      try {
        const result = await pieces.next();
        if (result.done === true) await close();
        return result;
      } catch (error) {
        await close();
        throw error;
      }
    },
    async return() {
      await close();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
