import { readFile } from 'node:fs/promises';
import type { Clock } from '../../watch/index.ts';
import { openLedger } from '../mail/ledger.ts';
import type { MailLedger } from '../mail/ledger.ts';
import { createMailer } from '../mail/mailer.ts';
import type { Mailer } from '../mail/mailer.ts';
import { createSmtp } from '../mail/smtp.ts';
import type { Tell } from '../service/account.ts';
import type { ServiceJournal } from '../service/journal.ts';
import type { MailConfig } from './config.ts';

/** What tells the pipeline by mail of its jobs. */
export interface Mailing {
  readonly ledger: MailLedger;
  /** Undefined where no mails are wanted. */
  readonly mailer: Mailer | undefined;
  readonly sentByJob: boolean;
}

/** Name of the setting that says since when there are mails: of jobs before that nobody was to be told. */
const SINCE = 'mailsSince';

/** Rejects with the system's error where the password cannot be read. */
export async function openMailing(
  config: MailConfig | undefined,
  journal: ServiceJournal,
  clock: Clock,
  tell: Tell,
): Promise<Mailing> {
  const { database } = journal;
  const ledger = openLedger(database);
  if (config === undefined) {
    database.setSetting(SINCE, '');
    return { ledger, mailer: undefined, sentByJob: false };
  }
  const known = database.setting(SINCE) ?? '';
  if (known === '') database.setSetting(SINCE, String(clock.now()));
  const { from, to, login, sender } = config;
  const password = login === undefined ? '' : (await readFile(login.passwordFile, 'utf8')).trimEnd();
  const smtp = createSmtp({
    ...config,
    login: login === undefined ? undefined : { user: login.user, password },
  });
  const since = Number(database.setting(SINCE));
  const mailer = createMailer({ from, to, smtp, journal, ledger, clock, tell, since });
  return { ledger, mailer, sentByJob: sender === 'job' };
}
