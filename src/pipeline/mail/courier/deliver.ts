import { SmtpError } from '../smtp.ts';
import type { Message, Smtp } from '../smtp.ts';
import type { CourierNotes, MailKey } from './notes.ts';

export interface OutgoingMail extends MailKey, Message {}

/**
 * - `sent`: the server has it;
 * - `lost`: the server was given it and heard no more;
 * - `kept`: it surely was not sent.
 */
export type DeliveryResult =
  | { readonly step: 'sent' }
  | {
      readonly step: 'lost' | 'kept';
      readonly problem: string;
      /** No other mail can be sent now either. */
      readonly unreachable: boolean;
    };

/** Sends a mail, and notes what may become of it before that may be, and what became of it at once. `now`: epoch ms. */
export async function deliver(
  mail: OutgoingMail,
  smtp: Smtp,
  notes: CourierNotes,
  now: () => number,
): Promise<DeliveryResult> {
  const { job, kind, messageId } = mail;
  const key = { job, kind, messageId };
  try {
    await smtp.send(mail, {
      onLeaving: () => notes.put({ ...key, step: 'sending', at: now(), problem: null }),
      onTaken: () => ifThereIsSpace(() => notes.put({ ...key, step: 'sent', at: now(), problem: null })),
    });
    return { step: 'sent' };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const { mayHaveSent, unreachable } = error instanceof SmtpError ? error : KEPT;
    ifThereIsSpace(() => {
      if (mayHaveSent) notes.put({ ...key, step: 'lost', at: now(), problem });
      else notes.remove(key);
    });
    return { step: mayHaveSent ? 'lost' : 'kept', problem, unreachable };
  }
}

const KEPT = { mayHaveSent: false, unreachable: false };

/** Whoever gave us the mail is told the result all the same; it needs the note only where it ends before. */
function ifThereIsSpace(note: () => void): void {
  try {
    note();
  } catch {
    // The earlier note stays: the mail is in doubt then.
  }
}
