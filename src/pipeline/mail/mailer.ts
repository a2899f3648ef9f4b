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
export interface MailSource {
  readonly user: string;
  /** What the job wrote for the pipeline; undefined where it wrote nothing. Rejects where nobody can say yet. */
  summaryOf(job: JournalJob): Promise<string | undefined>;
  /** Whether the job is to send its mails itself. */
  readonly sentByJob: boolean;
}

/** Tells the pipeline by mail that jobs began and ended: each once, start before end, however often we are killed. */
export interface Mailer {
  /** Sends what is due. Never rejects: what cannot be sent is told to the log and tried again. */
  round(source: MailSource, signal: AbortSignal): Promise<void>;
}

/** Longest wait (ms) for what a job wrote, after it ended; the mail then goes without it. */
const SUMMARY_PATIENCE = 600_000;
const LONGEST_PAUSE = 3_600_000;
const FIRST_PAUSE = 15_000;

export function createMailer(options: MailerOptions): Mailer {
  return new PipelineMailer(options);
}

class PipelineMailer implements Mailer {
  readonly #options: MailerOptions;
  /** Mails that this process knows whether they left, so that only those of another are in doubt. */
  readonly #own = new Set<string>();

  constructor(options: MailerOptions) {
    this.#options = options;
  }

  async round(source: MailSource, signal: AbortSignal): Promise<void> {
    const { ledger, journal, since, tell } = this.#options;
    try {
      for (const number of ledger.due(source.user, since)) {
        if (signal.aborted) return;
        const job = journal.byNumber(number);
        if (job === undefined || job.facts === null) continue;
        if (!(await this.#mailsOf(job, job.facts, source))) return;
      }
    } catch (error) {
      tell('error', 'mail.failed', { reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** False where no other mail can be sent now either. */
  async #mailsOf(job: JournalJob, facts: JobFacts, source: MailSource): Promise<boolean> {
    const { ledger } = this.#options;
    const summary = facts.ended === null ? undefined : await this.#summaryOf(job, facts.ended, source);
    if (source.sentByJob) {
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

  /** Undefined while it may still come. */
  async #summaryOf(job: JournalJob, ended: number, source: MailSource): Promise<string | undefined> {
    const { clock, tell } = this.#options;
    try {
      return (await source.summaryOf(job)) ?? '';
    } catch (error) {
      const waited = clock.now() - ended;
      if (waited >= 0 && waited < SUMMARY_PATIENCE) return undefined;
      const reason = error instanceof Error ? error.message : String(error);
      tell('warning', 'mail.summary', { instance: job.instance, pandaId: job.pandaId, reason });
      return '';
    }
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
    const { ledger, clock } = this.#options;
    const known = ledger.get(job.number, kind);
    if (known?.step === 'sent') return 'sent';
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
    const { ledger, from, to, smtp, clock, tell } = this.#options;
    const messageId = messageIdOf(job, kind, from);
    const facts = { instance: job.instance, kind, messageId };
    if (known?.step === 'sending' && !this.#own.has(messageId)) tell('warning', 'mail.doubtful', facts);
    this.#own.add(messageId);
    const entry = {
      job: job.number,
      kind,
      messageId,
      sender: 'daemon',
      tries: (known?.tries ?? 0) + 1,
    } as const;
    ledger.put({ ...entry, step: 'sending', nextTry: 0, problem: known?.problem ?? null });
    try {
      await smtp.send({ from, to, raw: mailMessage(mail, { from, to, date: clock.now(), messageId }) });
    } catch (error) {
      const lost = error instanceof SmtpError && error.mayHaveSent;
      const problem = error instanceof Error ? error.message : String(error);
      const pause = Math.min(FIRST_PAUSE * 2 ** Math.min(entry.tries - 1, 10), LONGEST_PAUSE);
      ledger.put({ ...entry, step: lost ? 'sending' : 'waiting', nextTry: clock.now() + pause, problem });
      tell('warning', lost ? 'mail.lost' : 'mail.waiting', { ...facts, reason: problem });
      return error instanceof SmtpError && error.unreachable ? 'unreachable' : 'failed';
    }
    ledger.put({ ...entry, step: 'sent', nextTry: 0, problem: null });
    this.#own.delete(messageId);
    tell('info', 'mail.sent', facts);
    return 'sent';
  }
}

/** `unreachable`: no other mail can be sent now either. */
type Sending = 'sent' | 'failed' | 'unreachable';

const SENT_BY_JOB = { start: /^MailSent: start\s*$/m, end: /^MailSent: end\s*$/m };

function sentByJob(summary: string, kind: MailKind): boolean {
  return SENT_BY_JOB[kind].test(summary);
}
