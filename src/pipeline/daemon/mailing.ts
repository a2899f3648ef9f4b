import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLedger } from '../mail/ledger.ts';
import type { MailLedger } from '../mail/ledger.ts';
import { createMailer } from '../mail/mailer.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { ServiceJournal } from '../service/journal.ts';
import type { DaemonConfig } from './config.ts';
import type { DaemonDeps } from './daemon.ts';

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
  { mail: config, state }: Pick<DaemonConfig, 'mail' | 'state'>,
  journal: ServiceJournal,
  { clock, tell, courierProgram }: Pick<DaemonDeps, 'clock' | 'tell' | 'courierProgram'>,
): Promise<Mailing> {
  const { database } = journal;
  const ledger = openLedger(database);
  if (config === undefined) {
    database.setSetting(SINCE, '');
    return { ledger, mailer: undefined, sentByJob: false };
  }
  const known = database.setting(SINCE) ?? '';
  if (known === '') database.setSetting(SINCE, String(clock.now()));
  const { from, to, host, port, security, login, sender } = config;
  const password = login === undefined ? '' : (await readFile(login.passwordFile, 'utf8')).trimEnd();
  // Loaded here, as it needs SQLite.
  const { createCourier } = await import('../mail/courier/courier.ts');
  const courier = createCourier({
    program: courierProgram,
    notesFile: join(state, 'mails.sqlite'),
    smtp: { host, port, security, login: login === undefined ? undefined : { user: login.user, password } },
    clock,
  });
  const since = Number(database.setting(SINCE));
  const mailer = createMailer({ from, to, courier, journal, ledger, clock, tell, since });
  return { ledger, mailer, sentByJob: sender === 'job' };
}
