import type { JournalDatabase } from '../service/journal.ts';

export type MailKind = 'start' | 'end';

/**
 * - `sending`: it may have been sent, as its text has left;
 * - `waiting`: it surely was not, and is tried again;
 * - `sent`: a mail server, or the job itself, has taken care of it.
 */
export type MailStep = 'sending' | 'waiting' | 'sent';

export interface LedgerMail {
  /** Number of its job in the journal. */
  readonly job: number;
  readonly kind: MailKind;
  readonly step: MailStep;
  /** The same for one process instance, execution and kind, so that a mail that comes twice can be told. */
  readonly messageId: string;
  readonly sender: 'daemon' | 'job';
  readonly tries: number;
  /** Epoch milliseconds, 0 where not known: when it is tried again, and of a mail that is sent when it was. */
  readonly nextTry: number;
  readonly problem: string | null;
}

/** What became of mails, in the file of the journal. Each call is on the disk when it returns. */
export interface MailLedger {
  get(job: number, kind: MailKind): LedgerMail | undefined;
  /** Numbers of jobs that came since a time, have started or ended, and lack a mail: the first of those behind a number. */
  due(user: string, since: number, behind: number, most: number): readonly number[];
  put(mail: LedgerMail): void;
  /** Nothing more is to be sent for a job. */
  finish(job: number): void;
  counts(): Readonly<Record<MailStep, number>>;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS mails (
    job INTEGER NOT NULL,
    kind TEXT NOT NULL,
    step TEXT NOT NULL,
    messageId TEXT NOT NULL,
    sender TEXT NOT NULL,
    tries INTEGER NOT NULL,
    nextTry INTEGER NOT NULL,
    problem TEXT,
    PRIMARY KEY (job, kind)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER IF NOT EXISTS removeMails AFTER DELETE ON jobs BEGIN DELETE FROM mails WHERE job = OLD.number; END;
`;

const PUT = 'INSERT OR REPLACE INTO mails VALUES (?, ?, ?, ?, ?, ?, ?, ?)';

function valuesOf({ job, kind, step, messageId, sender, tries, nextTry, problem }: LedgerMail) {
  return [job, kind, step, messageId, sender, tries, nextTry, problem];
}

export function openLedger(database: JournalDatabase): MailLedger {
  database.exec(TABLES);
  return {
    get: (job, kind) =>
      database.rows('SELECT * FROM mails WHERE job = ? AND kind = ?', job, kind)[0] as LedgerMail | undefined,
    due: (user, since, behind, most) =>
      database
        .rows(
          `SELECT number FROM jobs WHERE mailed = 0 AND begun = 1 AND user = ? AND received >= ? AND number > ?
           ORDER BY number LIMIT ?`,
          ...[user, since, behind, most],
        )
        .map(({ number }) => Number(number)),
    put: (mail) => database.run(PUT, ...valuesOf(mail)),
    finish: (job) => database.run('UPDATE jobs SET mailed = 1 WHERE number = ?', job),
    counts() {
      const counts = { sending: 0, waiting: 0, sent: 0 };
      for (const { step, count } of database.rows(
        'SELECT step, count(*) AS count FROM mails GROUP BY step',
      )) {
        counts[step as MailStep] = Number(count);
      }
      return counts;
    },
  };
}
