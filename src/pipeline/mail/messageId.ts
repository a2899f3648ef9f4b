import { createHash } from 'node:crypto';
import type { MailKind } from './ledger.ts';

/** One execution of a process instance of one of the pipeline's users. */
export interface NamedInstance {
  readonly user: string;
  readonly instance: string;
  readonly execution: string;
}

/** Depends on nothing but what the mail is about: a mail that comes a second time has it, too. */
export function messageIdOf(
  { user, instance, execution }: NamedInstance,
  kind: MailKind,
  from: string,
): string {
  const text = JSON.stringify([user, instance, execution]);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${instance}.${hash}.${kind}@${from.slice(from.indexOf('@') + 1)}`;
}
