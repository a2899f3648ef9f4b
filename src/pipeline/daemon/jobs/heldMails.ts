import { endMail, startMail } from '../../mail/jobMails.ts';
import type { LedgerMail, MailKind, MailLedger } from '../../mail/ledger.ts';
import { composeMail } from '../../mail/pipelineMail.ts';
import type { PipelineMail } from '../../mail/pipelineMail.ts';
import type { JobFacts } from '../../service/facts.ts';
import type { JournalJob } from '../../service/journal.ts';
import type { HeldMail } from './shapes.ts';

type SummaryOf = (job: JournalJob) => Promise<string | undefined>;

/** Both mails of a job. `summaryOf`: what the job wrote for the pipeline; where that cannot be read the text goes without. */
export async function heldMails(
  job: JournalJob,
  ledger: MailLedger,
  summaryOf: SummaryOf,
): Promise<readonly HeldMail[]> {
  const { facts } = job;
  const start = facts !== null && (facts.started ?? facts.ended) !== null ? startMail(job, facts) : undefined;
  const end = facts !== null && facts.ended !== null ? await endOf(job, facts, summaryOf) : undefined;
  return [
    heldMail(job, 'start', ledger.get(job.number, 'start'), start),
    heldMail(job, 'end', ledger.get(job.number, 'end'), end),
  ];
}

async function endOf(job: JournalJob, facts: JobFacts, summaryOf: SummaryOf): Promise<PipelineMail> {
  return endMail(job, facts, (await summaryOf(job).catch(() => undefined)) ?? '');
}

function heldMail(
  { instance: subject }: JournalJob,
  kind: MailKind,
  noted: LedgerMail | undefined,
  mail: PipelineMail | undefined,
): HeldMail {
  const composed = mail === undefined ? null : composeMail(mail).text;
  if (noted === undefined) return { ...NOTHING_NOTED, kind, subject, text: composed };
  const { step, messageId, sender, tries, problem, nextTry } = noted;
  const time = nextTry === 0 ? null : nextTry;
  const isSent = step === 'sent';
  return {
    ...{ kind, step, tries, problem, messageId, sender, subject },
    sent: isSent ? time : null,
    nextTry: isSent ? null : time,
    text: sender === 'job' ? null : composed,
  };
}

const NOTHING_NOTED = {
  ...{ step: null, sent: null, nextTry: null, tries: 0, problem: null, messageId: null },
  sender: 'daemon',
} as const;
