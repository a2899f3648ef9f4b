import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../watch/index.ts';
import type { Tell } from '../service/account.ts';
import type { JournalJob, ServiceJournal } from '../service/journal.ts';
import type { JobFacts } from '../service/facts.ts';
import type { Courier } from './courier/courier.ts';
import { CourierGone } from './courier/courierGone.ts';
import type { DeliveryResult } from './courier/deliver.ts';
import type { NotedMail } from './courier/notes.ts';
import { endMail, startMail } from './jobMails.ts';
import type { LedgerMail, MailKind, MailLedger } from './ledger.ts';
import { mailMessage } from './mailMessage.ts';
import type { PipelineMail } from './pipelineMail.ts';
import { messageIdOf } from './messageId.ts';
import { createSummaries } from './summaries.ts';
import type { Summaries, SummarySource } from './summaries.ts';

export interface MailerOptions {
  readonly from: string;
  readonly to: string;
  readonly courier: Courier;
  readonly journal: ServiceJournal;
  readonly ledger: MailLedger;
  readonly clock: Clock;
  readonly tell: Tell;
  /** Jobs that the pipeline asked for earlier (epoch milliseconds) are told of by nobody. */
  readonly since: number;
}

/** Of one of the pipeline's users. */
export interface MailSource extends SummarySource {
  readonly user: string;
  /** Whether the job is to send its mails itself. */
  readonly sentByJob: boolean;
}

/**
 * Tells the pipeline by mail that jobs began and ended, start before end, each once. Where nobody can say whether a mail was
 * taken, as the mail server was heard no more, or the whole machine ended, it is sent again under the same Message-ID; but not
 * a start mail of a process that ended, as it nearly always arrived, and the end mail says all that it does.
 */
export interface Mailer {
  /** Sends what is due. Never rejects: what cannot be sent is told to the log and tried again. */
  round(source: MailSource, signal: AbortSignal): Promise<void>;
}

/** Jobs that are looked at before others have their turn. */
const SLICE = 100;
const LONGEST_PAUSE = 3_600_000;
const FIRST_PAUSE = 15_000;
/** Of all mails, while their server is away. */
const LONGEST_ABSENCE = 300_000;

export function createMailer(options: MailerOptions): Mailer {
  return new PipelineMailer(options);
}

class PipelineMailer implements Mailer {
  readonly #options: MailerOptions;
  /** What the ledger could not be told of, by Message-ID: it counts all the same. */
  readonly #unnoted = new Map<string, LedgerMail>();
  /** Of the mail server: tries in vain one after the other, and when the next one is due. */
  #absence = { tries: 0, nextTry: 0 };

  constructor(options: MailerOptions) {
    this.#options = options;
  }

  async round(source: MailSource, signal: AbortSignal): Promise<void> {
    const { courier, tell } = this.#options;
    try {
      if (!this.#noteAll()) return;
      if (courier.collect((noted) => this.#collect(noted))) await this.#sendDue(source, signal);
      else tell('info', 'mail.busy', { reason: 'the last one is still being sent' });
    } catch (error) {
      const level = error instanceof CourierGone ? 'warning' : 'error';
      tell(level, 'mail.failed', { reason: reasonOf(error) });
    } finally {
      await courier.rest();
    }
  }

  async #sendDue(source: MailSource, signal: AbortSignal): Promise<void> {
    const { ledger, since, clock } = this.#options;
    // A clock that was set back puts nothing off for long.
    const pause = this.#absence.nextTry - clock.now();
    if (pause > 0 && pause <= LONGEST_ABSENCE) return;
    const summaries = createSummaries(source, this.#options);
    for (let behind = 0; !signal.aborted;) {
      const due = ledger.due(source.user, since, behind, SLICE);
      for (const number of due) {
        if (signal.aborted || !(await this.#mailsOfNumber(number, source, summaries, signal))) return;
        behind = number;
      }
      if (due.length < SLICE) return;
      await setImmediate();
    }
  }

  /** False where no other mail can be sent now either. */
  async #mailsOfNumber(
    number: number,
    source: MailSource,
    summaries: Summaries,
    signal: AbortSignal,
  ): Promise<boolean> {
    const job = this.#options.journal.byNumber(number);
    if (job === undefined || job.facts === null) return true;
    const summary = job.facts.ended === null ? undefined : await summaries.of(job, job.facts.ended);
    return this.#mailsOf(job, job.facts, summary, source.sentByJob, signal);
  }

  /** What a process before this one, or a courier that was heard no more, knew of a mail. */
  #collect({ job: number, kind, messageId, step, at, problem }: NotedMail): void {
    const { ledger, journal, from } = this.#options;
    const job = journal.byNumber(number);
    if (job === undefined || messageIdOf(job, kind, from) !== messageId) return;
    const known = ledger.get(number, kind);
    if (known?.step === 'sent') return;
    const tries = (known?.tries ?? 0) + 1;
    const entry = { job: number, kind, messageId, sender: 'daemon', tries, problem } as const;
    if (step === 'sending') ledger.put({ ...entry, step, nextTry: 0 });
    else ledger.put({ ...entry, step: step === 'sent' ? 'sent' : 'sending', nextTry: at });
  }

  /** `summary`: undefined before it is known. */
  async #mailsOf(
    job: JournalJob,
    facts: JobFacts,
    summary: string | undefined,
    sentByJob: boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { ledger } = this.#options;
    if (sentByJob) {
      // Before its end nobody knows what the job has sent.
      if (summary === undefined) return true;
      this.#noteSentByJob(job, summary);
    }
    const start = await this.#sendOnce(job, 'start', () => startMail(job, facts), signal);
    if (start !== 'sent' || summary === undefined) return start !== 'stopped';
    const end = await this.#sendOnce(job, 'end', () => endMail(job, facts, summary), signal);
    if (end === 'sent') ledger.finish(job.number);
    return end !== 'stopped';
  }

  /** Those that the job says it sent are sent, and nothing is known of others. */
  #noteSentByJob(job: JournalJob, summary: string): void {
    const { ledger } = this.#options;
    for (const kind of ['start', 'end'] as const) {
      if (!sentByJob(summary, kind) || ledger.get(job.number, kind) !== undefined) continue;
      const messageId = messageIdOf(job, kind, this.#options.from);
      const rest = { tries: 1, nextTry: 0, problem: null };
      ledger.put({ job: job.number, kind, step: 'sent', messageId, sender: 'job', ...rest });
    }
  }

  async #sendOnce(
    job: JournalJob,
    kind: MailKind,
    compose: () => PipelineMail,
    signal: AbortSignal,
  ): Promise<Sending> {
    const { ledger, clock, tell } = this.#options;
    const { instance } = job;
    const known = ledger.get(job.number, kind);
    if (known?.step === 'sent') return 'sent';
    // A clock that was set back puts nothing off for long.
    const pause = (known?.nextTry ?? 0) - clock.now();
    if (pause > 0 && pause <= LONGEST_PAUSE) return 'failed';
    if (known?.step === 'sending') {
      const { messageId, nextTry } = known;
      const again = kind === 'end' || nextTry !== 0;
      tell('warning', 'mail.doubtful', { instance, kind, messageId, again });
      const problem = 'the service ended before it heard whether the mail server has it';
      if (!again) return this.#note({ ...known, step: 'sent', problem }) ? 'sent' : 'stopped';
    }
    return this.#send(job, kind, compose(), known, signal);
  }

  async #send(
    job: JournalJob,
    kind: MailKind,
    mail: PipelineMail,
    known: LedgerMail | undefined,
    signal: AbortSignal,
  ): Promise<Sending> {
    const { from, to, courier, clock, tell } = this.#options;
    const { number, instance } = job;
    const messageId = messageIdOf(job, kind, from);
    const raw = mailMessage(mail, { from, to, date: clock.now(), messageId });
    const result = await courier.send({ job: number, kind, messageId, from, to, raw }, signal);
    const tries = (known?.tries ?? 0) + 1;
    const entry = { job: number, kind, messageId, sender: 'daemon', tries } as const;
    if (result.step !== 'sent') return this.#failed(entry, instance, result);
    this.#absence = { tries: 0, nextTry: 0 };
    tell('info', 'mail.sent', { instance, kind, messageId });
    const noted = this.#note({ ...entry, step: 'sent', nextTry: clock.now(), problem: null });
    return noted ? 'sent' : 'stopped';
  }

  /** What happened is known, whether or not it can be noted now. */
  #note(mail: LedgerMail): boolean {
    const { ledger, tell } = this.#options;
    this.#unnoted.set(mail.messageId, mail);
    try {
      ledger.put(mail);
      this.#unnoted.delete(mail.messageId);
      return true;
    } catch (error) {
      tell('error', 'journal.full', { messageId: mail.messageId, reason: reasonOf(error) });
      return false;
    }
  }

  /** Nothing is sent while the journal lacks something of what was. */
  #noteAll(): boolean {
    return [...this.#unnoted.values()].every((mail) => this.#note(mail));
  }

  #failed(
    entry: Pick<LedgerMail, 'job' | 'kind' | 'messageId' | 'sender' | 'tries'>,
    instance: string,
    { step, problem, unreachable }: Exclude<DeliveryResult, { readonly step: 'sent' }>,
  ): Sending {
    const { clock, tell } = this.#options;
    const { kind, messageId, tries } = entry;
    const lost = step === 'lost';
    const event = lost ? 'mail.lost' : 'mail.waiting';
    tell('warning', event, { instance, kind, messageId, reason: problem });
    const absences = unreachable ? this.#absence.tries + 1 : 0;
    this.#absence = { tries: absences, nextTry: clock.now() + pauseAfter(absences, LONGEST_ABSENCE) };
    // It is no fault of this mail that its server is away.
    const pause = unreachable && !lost ? 0 : pauseAfter(tries, LONGEST_PAUSE);
    const nextTry = clock.now() + pause;
    const noted = this.#note({ ...entry, step: lost ? 'sending' : 'waiting', nextTry, problem });
    return unreachable || !noted ? 'stopped' : 'failed';
  }
}

/** Milliseconds until the next try: none before the first. */
function pauseAfter(tries: number, longest: number): number {
  return tries === 0 ? 0 : Math.min(FIRST_PAUSE * 2 ** Math.min(tries - 1, 10), longest);
}

/** `stopped`: no other mail can be sent now either. */
type Sending = 'sent' | 'failed' | 'stopped';

const SENT_BY_JOB = { start: /^MailSent: start\s*$/m, end: /^MailSent: end\s*$/m };

function sentByJob(summary: string, kind: MailKind): boolean {
  return SENT_BY_JOB[kind].test(summary);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
