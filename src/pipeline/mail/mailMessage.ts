import { composeMail } from './pipelineMail.ts';
import type { PipelineMail } from './pipelineMail.ts';

export interface MailEnvelope {
  /** This and the next: a bare address, `pipeline@example.org`. */
  readonly from: string;
  readonly to: string;
  /** Milliseconds since 1970. */
  readonly date: number;
  /** Unlike that of any other mail, without angle brackets: `17.1@example.org`. */
  readonly messageId: string;
}

/** No blanks, controls or brackets, so that nothing can be added to a header or to an SMTP command. */
const ADDRESS = /^[^\s<>()[\]\\,;:"@\p{C}]+@[A-Za-z0-9.-]+$/u;

/** Whether it may stand in a mail as the address of a sender or receiver. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && /^[\x21-\x7e]+$/.test(text) && ADDRESS.test(text);
}

/** The whole message (RFC 5322), its lines ended by CRLF, as the pipeline's own jobs send it. */
export function mailMessage(mail: PipelineMail, { from, to, date, messageId }: MailEnvelope): string {
  for (const address of [from, to]) {
    if (!isMailAddress(address)) throw new TypeError(`${JSON.stringify(address)} is no mail address`);
  }
  const { subject, text } = composeMail(mail);
  const headers = [
    `Date: ${new Date(date).toUTCString().replace('GMT', '+0000')}`,
    `From: ${from}`,
    `To: ${to}`,
    `Message-ID: <${messageId}>`,
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    'Content-Transfer-Encoding: 7bit',
  ];
  return [...headers, '', ...text.split('\n')].join('\r\n');
}
