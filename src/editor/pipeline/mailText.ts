import type { HeldJob, HeldMail } from '../../pipeline/index.ts';
import { formatTime, plural } from '../../watch/index.ts';

/** The mails of a job as a document. */
export function mailText({ instance, process }: HeldJob, mails: readonly HeldMail[]): string {
  const name = process === '' ? '' : ` (${process})`;
  return [`Mails of process instance ${instance}${name}`, '', ...mails.flatMap(linesOf)].join('\n');
}

function linesOf({ kind, subject, messageId, text, ...mail }: HeldMail): readonly string[] {
  const title = kind === 'start' ? 'Start mail' : 'End mail';
  return [
    `${title}: ${stepOf(mail)}`,
    ...(mail.problem === null ? [] : [`Trouble: ${mail.problem}`]),
    '',
    `Subject: ${subject}`,
    ...(messageId === null ? [] : [`Message-ID: <${messageId}>`]),
    '',
    (text ?? withoutText(mail.sender)).trimEnd(),
    '',
    '',
  ];
}

function stepOf({
  step,
  sent,
  nextTry,
  tries,
  sender,
}: Omit<HeldMail, 'kind' | 'subject' | 'messageId' | 'text'>): string {
  const by = sender === 'job' ? ' by the job' : '';
  switch (step) {
    case null:
      return 'not sent yet';
    case 'sent':
      return `sent${by}${sent === null ? '' : ` at ${formatTime(sent)}`}`;
    case 'waiting': {
      const next = nextTry === null ? '' : `, the next at ${formatTime(nextTry)}`;
      return `not sent after ${plural(tries, 'try', 'tries')}${next}`;
    }
    case 'sending':
      return 'may have been sent: the mail server did not answer';
  }
}

function withoutText(sender: HeldMail['sender']): string {
  return sender === 'job' ? '(The job wrote it itself.)' : '(It is written when there is something to tell.)';
}
