import type { DatabaseSync } from 'node:sqlite';
import { openAlone } from '../../service/ownDatabase.ts';
import type { MailKind } from '../ledger.ts';

/** Which mail is meant. */
export interface MailKey {
  /** Number of its job in the journal. */
  readonly job: number;
  readonly kind: MailKind;
  readonly messageId: string;
}

/**
 * - `sending`: its text may have left, and the courier ended before it heard more;
 * - `lost`: its text left, and the server was heard no more;
 * - `sent`: the server has it.
 */
export interface NotedMail extends MailKey {
  readonly step: 'sending' | 'lost' | 'sent';
  /** Epoch milliseconds. */
  readonly at: number;
  /** Why it was lost. */
  readonly problem: string | null;
}

/**
 * What a courier knows of mails, in a file that only one process has at a time. A kill leaves what is noted; a power cut may
 * lose it: the journal, which is told right after, is what lasts.
 */
export interface CourierNotes {
  put(mail: NotedMail): void;
  /** It surely was not sent. */
  remove(mail: MailKey): void;
  all(): readonly NotedMail[];
  clear(): void;
  close(): void;
}

const TABLES = `
  PRAGMA synchronous = NORMAL;
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS mails (
    messageId TEXT PRIMARY KEY,
    job INTEGER NOT NULL,
    kind TEXT NOT NULL,
    step TEXT NOT NULL,
    at INTEGER NOT NULL,
    problem TEXT
  ) STRICT, WITHOUT ROWID;
  COMMIT;
`;

/** Undefined while another process has them, for which is waited `patience` ms. Throws the system's errors. */
export function openNotes(file: string, patience: number): CourierNotes | undefined {
  const database = openAlone(file, patience, (opened) => opened.exec(TABLES));
  return database === undefined ? undefined : notesIn(database);
}

function notesIn(database: DatabaseSync): CourierNotes {
  const put = database.prepare('INSERT OR REPLACE INTO mails VALUES (?, ?, ?, ?, ?, ?)');
  return {
    put({ messageId, job, kind, step, at, problem }) {
      put.run(messageId, job, kind, step, at, problem);
    },
    remove({ messageId }) {
      database.prepare('DELETE FROM mails WHERE messageId = ?').run(messageId);
    },
    // The table is strict, and nobody else writes to it.
    all: () => database.prepare('SELECT * FROM mails').all() as unknown as NotedMail[],
    clear: () => database.exec('DELETE FROM mails'),
    close: () => database.close(),
  };
}
