import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../watch/index.ts';
import type { Tell } from '../service/account.ts';
import type { JournalJob, ServiceJournal } from '../service/journal.ts';
import type { JobFacts } from '../service/facts.ts';
import { endMail, startMail } from './jobMails.ts';
import type { LedgerMail, MailKind, MailLedger } from './ledger.ts';
import { mailMessage } from './mailMessage.ts';
import type { PipelineMail } from './pipelineMail.ts';
import { messageIdOf } from './messageId.ts';
import { SmtpError } from './smtp.ts';
import type { Smtp } from './smtp.ts';
import { createSummaries } from './summaries.ts';
import type { Summaries, SummarySource } from './summaries.ts';

export interface MailerOptions {
  readonly from: string;
  readonly to: string;
  readonly smtp: Smtp;
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
 * Tells the pipeline by mail that jobs began and ended, start before end. Where a kill, or a lost answer, leaves it open whether
 * a mail was taken, it is sent again under the same Message-ID, with one exception: a start mail that was under way when the
 * service was killed is not, as it nearly always arrived, and the end mail says all that it does. No end mail is lost.
 */
export interface Mailer {
  /** Sends what is due. Never rejects: what cannot be sent is told to the log and tried again. */
  round(source: MailSource, signal: AbortSignal): Promise<void>;
}

/** Jobs that are looked at before others have their turn. */
const SLICE = 100;
const LONGEST_PAUSE = 3_600_000;
const FIRST_PAUSE = 15_000;

export function createMailer(options: MailerOptions): Mailer {
  return new PipelineMailer(options);
}

class PipelineMailer implements Mailer {
  readonly #options: MailerOptions;
  /** What the ledger could not be told of, by Message-ID: it counts all the same. */
  readonly #unnoted = new Map<string, LedgerMail>();

  constructor(options: MailerOptions) {
    this.#options = options;
  }

  async round(source: MailSource, signal: AbortSignal): Promise<void> {
    const { ledger, since, tell } = this.#options;
    const summaries = createSummaries(source, this.#options);
    try {
      for (let behind = 0; !signal.aborted;) {
        const due = ledger.due(source.user, since, behind, SLICE);
        for (const number of due) {
          if (signal.aborted || !(await this.#mailsOfNumber(number, source, summaries))) return;
          behind = number;
        }
        if (due.length < SLICE) return;
        await setImmediate();
      }
    } catch (error) {
      tell('error', 'mail.failed', { reason: reasonOf(error) });
    }
  }

  /** False where no other mail can be sent now either. */
  async #mailsOfNumber(number: number, source: MailSource, summaries: Summaries): Promise<boolean> {
    const job = this.#options.journal.byNumber(number);
    if (job === undefined || job.facts === null) return true;
    const summary = job.facts.ended === null ? undefined : await summaries.of(job, job.facts.ended);
    return this.#mailsOf(job, job.facts, summary, source.sentByJob);
  }

  /** `summary`: undefined before it is known. */
  async #mailsOf(
    job: JournalJob,
    facts: JobFacts,
    summary: string | undefined,
    sentByJob: boolean,
  ): Promise<boolean> {
    const { ledger } = this.#options;
    if (sentByJob) {
      // Before its end nobody knows what the job has sent.
      if (summary === undefined) return true;
      this.#noteSentByJob(job, summary);
    }
    const start = await this.#sendOnce(job, 'start', () => startMail(job, facts));
    if (start !== 'sent' || summary === undefined) return start !== 'unreachable';
    const end = await this.#sendOnce(job, 'end', () => endMail(job, facts, summary));
    if (end === 'sent') ledger.finish(job.number);
    return end !== 'unreachable';
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

  async #sendOnce(job: JournalJob, kind: MailKind, compose: () => PipelineMail): Promise<Sending> {
    const { ledger, clock, from, tell } = this.#options;
    const left = this.#unnoted.get(messageIdOf(job, kind, from));
    if (left !== undefined) this.#note(left);
    const known = left ?? ledger.get(job.number, kind);
    if (known?.step === 'sent') return 'sent';
    if (known?.step === 'sending' && kind === 'start' && known.nextTry === 0) {
      // What was written before a kill still goes out: it surely came.
      const problem = 'the service ended before it heard whether the mail server has it';
      this.#note({ ...known, step: 'sent', problem });
      const { messageId } = known;
      tell('warning', 'mail.doubtful', { instance: job.instance, kind, messageId, again: false });
      return 'sent';
    }
    // A clock that was set back puts nothing off for long.
    const pause = (known?.nextTry ?? 0) - clock.now();
    if (pause > 0 && pause <= LONGEST_PAUSE) return 'failed';
    return this.#send(job, kind, compose(), known);
  }

  async #send(
    job: JournalJob,
    kind: MailKind,
    mail: PipelineMail,
    known: LedgerMail | undefined,
  ): Promise<Sending> {
    const { from, to, smtp, clock, tell, ledger } = this.#options;
    const { number, instance } = job;
    const messageId = messageIdOf(job, kind, from);
    if (known?.step === 'sending')
      tell('warning', 'mail.doubtful', { instance, kind, messageId, again: true });
    const tries = (known?.tries ?? 0) + 1;
    const entry = {
      job: number,
      kind,
      messageId,
      sender: 'daemon',
      tries,
      nextTry: 0,
      problem: null,
    } as const;
    const message = { from, to, raw: mailMessage(mail, { from, to, date: clock.now(), messageId }) };
    try {
      await smtp.send(message, {
        onLeaving: () => ledger.putUnsynced({ ...entry, step: 'sending' }),
        onTaken: () => this.#note({ ...entry, step: 'sent', nextTry: clock.now() }),
      });
    } catch (error) {
      return this.#failed(entry, instance, error);
    }
    tell('info', 'mail.sent', { instance, kind, messageId });
    return 'sent';
  }

  /** What happened is known, whether or not it can be noted now. */
  #note(mail: LedgerMail): void {
    const { ledger, tell } = this.#options;
    this.#unnoted.set(mail.messageId, mail);
    try {
      ledger.put(mail);
      this.#unnoted.delete(mail.messageId);
    } catch (error) {
      tell('error', 'journal.full', { messageId: mail.messageId, reason: reasonOf(error) });
    }
  }

  #failed(entry: Omit<LedgerMail, 'step'>, instance: string, error: unknown): Sending {
    const { clock, tell } = this.#options;
    const { kind, messageId, tries } = entry;
    const lost = error instanceof SmtpError && error.mayHaveSent;
    const problem = reasonOf(error);
    const pause = Math.min(FIRST_PAUSE * 2 ** Math.min(tries - 1, 10), LONGEST_PAUSE);
    this.#note({ ...entry, step: lost ? 'sending' : 'waiting', nextTry: clock.now() + pause, problem });
    const event = lost ? 'mail.lost' : 'mail.waiting';
    tell('warning', event, { instance, kind, messageId, reason: problem });
    return error instanceof SmtpError && error.unreachable ? 'unreachable' : 'failed';
  }
}

/** `unreachable`: no other mail can be sent now either. */
type Sending = 'sent' | 'failed' | 'unreachable';

const SENT_BY_JOB = { start: /^MailSent: start\s*$/m, end: /^MailSent: end\s*$/m };

function sentByJob(summary: string, kind: MailKind): boolean {
  return SENT_BY_JOB[kind].test(summary);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
