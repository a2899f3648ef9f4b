import { createEmitter, waitFor } from '../../watch/index.ts';
import type { Clock, Event } from '../../watch/index.ts';
import { MailError } from '../mail/keyLines.ts';
import type { PipelineMail } from '../mail/pipelineMail.ts';
import { JavaThrowable, RmiError } from '../rmi/index.ts';
import type { JobControlRemote, JobStatus } from '../rmi/index.ts';
import { EmulatorError } from './emulatorError.ts';
import type { PipelineEvent } from './events.ts';
import type { Instance } from './instances.ts';
import { jobOf } from './job.ts';
import type { JobSettings } from './job.ts';
import type { OpenJournal } from './journal.ts';
import type { PipelineModel } from './model.ts';
import { rollBackProblem } from './rollBack.ts';
import { runProcessScript } from './script/runProcessScript.ts';
import { snapshotOf } from './snapshot.ts';
import type { PipelineSnapshot } from './snapshot.ts';
import { hasJob, isFinalState } from '../states/index.ts';
import { parseVariables } from './variableText.ts';

export interface EngineOptions {
  readonly model: PipelineModel;
  readonly journal: OpenJournal;
  readonly settings: JobSettings;
  /** Jobs at a time. */
  readonly maxJobs: number;
  /** Substreams that a process makes whose script cannot be run; undefined: it fails. */
  readonly substreams: number | undefined;
  /** Between two questions for the states of jobs, ms. */
  readonly pollMs: number;
  /** For so long (ms) a job may have ended, or not be known, before it counts as lost without its end mail. */
  readonly lostMs: number;
  readonly clock: Clock;
}

/** Calls of the daemon at a time. */
const MOST_CALLS = 8;
/** Ids in one question. */
const MOST_IDS = 500;
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000];

/** Brings the process instances of a model to their ends, by a job control service. */
export class PipelineEngine {
  readonly #options: EngineOptions;
  readonly #changed = createEmitter<undefined>();
  readonly #stopped = new AbortController();
  readonly #done = Promise.withResolvers<undefined>();
  readonly #statuses = new Map<number, JobStatus | null>();
  readonly #suspectSince = new Map<number, number>();
  readonly #waitingCalls: (() => void)[] = [];
  #refusedMails = 0;
  #calls = 0;
  #pumping = false;
  #again = false;
  #trouble: string | undefined;
  #remote: JobControlRemote | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** After each change of what `snapshot` gives. */
  get onChange(): Event<undefined> {
    return this.#changed.event;
  }

  snapshot(): PipelineSnapshot {
    const { model } = this.#options;
    return snapshotOf(model, this.#refusedMails, ({ key }) => this.#statuses.get(key)?.status ?? null);
  }

  /** What keeps the daemon from being asked; undefined where nothing does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves when every process instance has ended; rejects with the reason of the signal, or with what broke the journal. */
  async run(remote: JobControlRemote, signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#stopped.abort(signal.reason);
    signal.throwIfAborted();
    this.#remote = remote;
    signal.addEventListener('abort', stop, { once: true });
    const stopped = this.#stopped.signal;
    stopped.addEventListener('abort', () => this.#done.reject(stopped.reason), { once: true });
    for (const instance of this.#options.model.latest()) {
      if (hasJob(instance.state) && instance.jobId === undefined) this.#background(this.#submit(instance));
    }
    this.#background(this.#pump());
    this.#background(this.#poll());
    try {
      await this.#done.promise;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#stopped.abort(new DOMException('The run is over.', 'AbortError'));
    }
  }

  /** Adds streams with these numbers, as far as there are none yet. */
  async createStreams(
    numbers: readonly number[],
    variables: Readonly<Record<string, string>>,
  ): Promise<void> {
    const at = this.#options.clock.now();
    const missing = numbers.filter((number) => !this.#options.model.streams.has(number));
    await this.#record(missing.map((number) => ({ type: 'stream', at, number, variables })));
  }

  /** Cancels these process instances, as far as they have not ended. Resolves when it is noted; jobs end later. */
  async cancel(keys: readonly number[]): Promise<void> {
    const active = keys.filter((key) => {
      const state = this.#options.model.instance(key)?.state;
      return state !== undefined && !isFinalState(state);
    });
    if (active.length === 0) return;
    await this.#record([{ type: 'cancel', at: this.#options.clock.now(), keys: active }]);
    this.#cancelJobs();
  }

  /**
   * Runs these process instances, which have ended, and all that waited for them once more. Rejects with an EmulatorError
   * where that cannot be.
   */
  async rollBack(keys: readonly number[]): Promise<void> {
    const problem = rollBackProblem(this.#options.model, keys);
    if (problem !== undefined) throw new EmulatorError(problem, 'Roll back when all has ended');
    await this.#record([{ type: 'rollback', at: this.#options.clock.now(), keys }]);
  }

  /** Throws MailError for a mail that belongs to no process instance. Resolves when it is on disk. */
  async takeMail(mail: PipelineMail): Promise<void> {
    const instance = this.#options.model.instance(Number(mail.processInstance));
    if (instance?.process.run.kind !== 'job') {
      throw new MailError(`there is no process instance ${mail.processInstance} that runs as a job`);
    }
    const { key, mails } = instance;
    const at = this.#options.clock.now();
    if (mails[mail.kind]) {
      await this.#record([{ type: 'repeated', at, key }]);
    } else if (mail.kind === 'start') {
      const { host, startTime } = mail;
      await this.#record([{ type: 'started', at, key, host, startTime }]);
    } else {
      const variables = Object.fromEntries(mail.variables);
      const substreams = mail.substreams.map(({ task, stream, variables: text }) => ({
        task,
        stream,
        variables: parseVariables(text),
      }));
      const { exitCode, host, startTime, endTime } = mail;
      await this.#record([
        { type: 'ended', at, key, exitCode, host, startTime, endTime, variables, substreams },
      ]);
    }
  }

  countRefusedMail(): void {
    this.#refusedMails += 1;
    this.#changed.fire(undefined);
  }

  async #record(events: readonly PipelineEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.#options.journal.append(events);
    for (const event of events) this.#options.model.apply(event);
    this.#changed.fire(undefined);
    this.#background(this.#pump());
  }

  /** What fails here ends the run. */
  #background(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#stopped.signal.aborted) this.#stopped.abort(error);
    });
  }

  /** Starts all that may start; ends the run where nothing is left. */
  async #pump(): Promise<void> {
    this.#again = true;
    if (this.#pumping || this.#remote === undefined) return;
    this.#pumping = true;
    try {
      while (this.#again && !this.#stopped.signal.aborted) {
        this.#again = false;
        await this.#startReady();
      }
    } finally {
      this.#pumping = false;
    }
    const { model } = this.#options;
    if (model.streams.size > 0 && [...model.latest()].every(({ state }) => isFinalState(state))) {
      this.#done.resolve(undefined);
    }
  }

  async #startReady(): Promise<void> {
    const { model, clock, maxJobs, substreams } = this.#options;
    const current = [...model.latest()];
    const ready = current.filter(({ state }) => state === 'READY').sort((a, b) => a.key - b.key);
    const ends = ready
      .filter(({ process }) => process.run.kind === 'script')
      .map((instance): PipelineEvent => {
        const end = runProcessScript(model, instance, substreams);
        return { type: 'script', at: clock.now(), key: instance.key, ...end };
      });
    await this.#record(ends);
    const free = Math.max(maxJobs - current.filter(({ state }) => hasJob(state)).length, 0);
    const chosen = ready.filter(({ process }) => process.run.kind === 'job').slice(0, free);
    await this.#record(chosen.map(({ key }) => ({ type: 'queued', at: clock.now(), key })));
    for (const instance of chosen) {
      // It may have been cancelled in between.
      if (instance.state === 'QUEUED') this.#background(this.#submit(instance));
    }
  }

  /** Submits until the daemon says yes or no. It knows a process instance that it was told of before by its number. */
  async #submit(instance: Instance): Promise<void> {
    const { model, settings, clock } = this.#options;
    const { key } = instance;
    const job = jobOf(model.file, instance, settings);
    for (let tries = 0; ; tries += 1) {
      try {
        const jobId = await this.#call((remote) => remote.submit(job, { signal: this.#stopped.signal }));
        await this.#record([{ type: 'submitted', at: clock.now(), key, jobId }]);
        this.#cancelJobs();
        return;
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        const refusal = refusalOf(error);
        if (refusal === undefined) throw error;
        if (refusal.final)
          return this.#record([{ type: 'refused', at: clock.now(), key, message: refusal.message }]);
        this.#setTrouble(refusal.message);
        await this.#wait(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 0);
        if (this.#stopped.signal.aborted) return;
      }
    }
  }

  async #poll(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#wait(this.#options.pollMs);
      if (this.#stopped.signal.aborted) return;
      this.#cancelJobs();
      await this.#askStates();
    }
  }

  async #askStates(): Promise<void> {
    const { model } = this.#options;
    const jobs = new Map<string, Instance>();
    for (const instance of model.latest()) {
      if (hasJob(instance.state) && instance.jobId !== undefined) jobs.set(instance.jobId, instance);
    }
    const ids = [...jobs.keys()];
    for (let at = 0; at < ids.length; at += MOST_IDS) {
      const some = ids.slice(at, at + MOST_IDS);
      try {
        const found = await this.#call((remote) =>
          remote.arrayStatus(some, { signal: this.#stopped.signal }),
        );
        for (const id of some) {
          const instance = jobs.get(id);
          if (instance !== undefined) await this.#learn(instance, found.get(id) ?? null);
        }
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        const refusal = refusalOf(error);
        if (refusal === undefined) throw error;
        this.#setTrouble(refusal.message);
        return;
      }
    }
  }

  /** States are shown; they decide only over jobs whose end mail does not come. */
  async #learn(instance: Instance, status: JobStatus | null): Promise<void> {
    const { clock, lostMs } = this.#options;
    const { key } = instance;
    const before = this.#statuses.get(key);
    this.#statuses.set(key, status);
    if (before?.status !== status?.status) this.#changed.fire(undefined);
    const ended = status === null || status.status === 'DONE' || status.status === 'FAILED';
    if (!ended || !hasJob(instance.state)) {
      this.#suspectSince.delete(key);
      return;
    }
    const at = clock.now();
    const since = this.#suspectSince.get(key) ?? at;
    this.#suspectSince.set(key, since);
    if (instance.state === 'CANCELING' && status !== null) {
      await this.#record([{ type: 'canceled', at, key }]);
    } else if (at - since >= lostMs) {
      await this.#record([{ type: 'terminated', at, key, message: lostWords(status) }]);
    }
  }

  /** Asks for the end of all jobs that are to be cancelled; once more at each poll, as a cancel may get lost. */
  #cancelJobs(): void {
    if (this.#remote === undefined) return;
    for (const { state, jobId } of this.#options.model.latest()) {
      if (state !== 'CANCELING' || jobId === undefined) continue;
      this.#call((remote) => remote.cancel(jobId, { signal: this.#stopped.signal })).catch(
        (error: unknown) => {
          const refusal = refusalOf(error);
          // A job that is not there any more has ended: the next poll says how.
          if (refusal !== undefined && !refusal.final) this.#setTrouble(refusal.message);
        },
      );
    }
  }

  async #call<T>(call: (remote: JobControlRemote) => Promise<T>): Promise<T> {
    const remote = this.#remote;
    if (remote === undefined) throw new Error('the run has not begun');
    while (this.#calls >= MOST_CALLS) {
      await new Promise<void>((resolve) => this.#waitingCalls.push(resolve));
    }
    this.#calls += 1;
    try {
      const result = await call(remote);
      this.#setTrouble(undefined);
      return result;
    } finally {
      this.#calls -= 1;
      this.#waitingCalls.shift()?.();
    }
  }

  #setTrouble(trouble: string | undefined): void {
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    this.#changed.fire(undefined);
  }

  async #wait(ms: number): Promise<void> {
    try {
      await waitFor(this.#options.clock, ms, this.#stopped.signal);
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error;
    }
  }
}

function lostWords(status: JobStatus | null): string {
  if (status === null) return 'The daemon does not know its job, and no mail said that it ended';
  const comment = status.comment ?? '';
  return `Its job ended as ${status.status ?? ''}, and no mail said so${comment === '' ? '' : `: ${comment}`}`;
}

/** What came back, and whether it is the daemon's answer; undefined for errors of our own. */
function refusalOf(error: unknown): { readonly message: string; readonly final: boolean } | undefined {
  if (error instanceof JavaThrowable) {
    return { message: error.detail ?? error.className, final: true };
  }
  if (error instanceof RmiError) return { message: error.message, final: error.kind === 'protocol' };
  return undefined;
}
