import { chmodSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { FILE_ATTRIBUTES, JOB_ATTRIBUTES } from '../../../panda/index.ts';
import {
  columnDefinitions,
  decodeFile,
  decodeJob,
  FILE_COLUMNS,
  fileValues,
  JOB_COLUMNS,
  jobValues,
  type FileChanges,
  type JobChanges,
  type StoredFile,
  type StoredJob,
} from './columns.ts';

/** A job to store, with its files; rows get their ids here. */
export interface NewJob {
  readonly job: StoredJob;
  readonly files: readonly Omit<StoredFile, 'row_ID'>[];
}

/** One state a job entered. */
export interface Transition {
  readonly PandaID: number;
  readonly jobStatus: string;
  readonly jobSubStatus: string | null;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly modificationHost: string | null;
}

/** What a pilot said at a job's end, waiting for the adder. */
export interface OutputReport {
  readonly PandaID: number;
  readonly jobStatus: 'finished' | 'failed';
  /** JSON: lfn to its facts; empty where the pilot sent none. */
  readonly report: string;
  /** Epoch milliseconds. */
  readonly time: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS jobs (${columnDefinitions(JOB_ATTRIBUTES, 'PandaID')});
  CREATE INDEX IF NOT EXISTS jobsByState ON jobs (jobStatus, computingSite, currentPriority DESC, PandaID);
  CREATE INDEX IF NOT EXISTS jobsByName ON jobs (jobName);
  CREATE INDEX IF NOT EXISTS jobsByUser ON jobs (prodUserName, PandaID);
  CREATE TABLE IF NOT EXISTS files (${columnDefinitions(FILE_ATTRIBUTES, 'row_ID')});
  CREATE INDEX IF NOT EXISTS filesByJob ON files (PandaID);
  CREATE TABLE IF NOT EXISTS transitions (
    id INTEGER PRIMARY KEY, PandaID INTEGER, jobStatus TEXT, jobSubStatus TEXT, time INTEGER, modificationHost TEXT
  );
  CREATE INDEX IF NOT EXISTS transitionsByJob ON transitions (PandaID);
  CREATE TABLE IF NOT EXISTS reports (PandaID INTEGER PRIMARY KEY, jobStatus TEXT, report TEXT, time INTEGER);
  CREATE TABLE IF NOT EXISTS cacheFiles (name TEXT PRIMARY KEY, owner TEXT, size INTEGER, checksum TEXT);
  CREATE TABLE IF NOT EXISTS definitionIds (owner TEXT PRIMARY KEY, jobDefinitionID INTEGER);
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT);
`;

/** Raised when the store was made by a version of this program that wrote it differently. */
export class ForeignStoreError extends Error {}

const VERSION = 1;

export type Store = ReturnType<typeof openStore>;

/**
 * Opens the jobs of a sandbox. What a transaction wrote is on the disk when it returns: an answer given after it
 * survives a kill of the process and a power cut.
 */
export function openStore(file: string) {
  const database = new DatabaseSync(file);
  try {
    chmodSync(file, 0o600);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000');
    migrate(database);
  } catch (error) {
    database.close();
    throw error;
  }
  const statements = new Map<string, StatementSync>();

  function prepare(sql: string): StatementSync {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statement.setReturnArrays(true);
      statements.set(sql, statement);
    }
    return statement;
  }

  const select = {
    job: prepare(`SELECT * FROM jobs WHERE PandaID = ?`),
    files: prepare(`SELECT * FROM files WHERE PandaID = ? ORDER BY row_ID`),
  };
  const insert = {
    job: prepare(`INSERT INTO jobs VALUES (${JOB_COLUMNS.map(() => '?').join(', ')})`),
    file: prepare(`INSERT INTO files VALUES (${FILE_COLUMNS.map(() => '?').join(', ')})`),
    transition: prepare(
      `INSERT INTO transitions (PandaID, jobStatus, jobSubStatus, time, modificationHost) VALUES (?, ?, ?, ?, ?)`,
    ),
  };

  const store = {
    /** All or nothing of what `work` writes. */
    transaction<T>(work: () => T): T {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    /** Rows of a query, for the readers that count and search; values are always bound. */
    rows(sql: string, ...values: SQLInputValue[]): readonly (readonly unknown[])[] {
      // setReturnArrays makes every row an array, which the types of node:sqlite do not say.
      return prepare(sql).all(...values) as unknown as readonly (readonly unknown[])[];
    },
    run(sql: string, ...values: SQLInputValue[]): void {
      prepare(sql).run(...values);
    },
    job(pandaId: number): StoredJob | undefined {
      if (!Number.isSafeInteger(pandaId)) return undefined;
      const row = select.job.get(pandaId);
      return Array.isArray(row) ? decodeJob(row) : undefined;
    },
    /** Jobs of a query that ends `SELECT * FROM jobs …`. */
    jobs(condition: string, ...values: SQLInputValue[]): readonly StoredJob[] {
      return prepare(`SELECT * FROM jobs ${condition}`)
        .all(...values)
        .flatMap((row) => (Array.isArray(row) ? [decodeJob(row)] : []));
    },
    files(pandaId: number): readonly StoredFile[] {
      return select.files.all(pandaId).flatMap((row) => (Array.isArray(row) ? [decodeFile(row)] : []));
    },
    insert({ job, files }: NewJob): void {
      insert.job.run(...jobValues(job));
      for (const file of files) insert.file.run(...fileValues({ ...file, row_ID: null }));
      insert.transition.run(job.PandaID, job.jobStatus, null, job.creationTime, null);
    },
    /** Writes changes of a job; a new state goes into its history. `time`: epoch milliseconds. */
    update(job: StoredJob, changes: JobChanges, time: number): void {
      const entries = Object.entries(changes);
      if (entries.length === 0) return;
      const columns = entries.map(([name]) => `"${name}" = ?`).join(', ');
      prepare(`UPDATE jobs SET ${columns} WHERE PandaID = ?`).run(
        ...entries.map(([, value]) => value),
        job.PandaID,
      );
      const { jobStatus, jobSubStatus = job.jobSubStatus, modificationHost = job.modificationHost } = changes;
      if (typeof jobStatus === 'string' && jobStatus !== job.jobStatus) {
        insert.transition.run(job.PandaID, jobStatus, jobSubStatus, time, modificationHost);
      }
    },
    updateFile(rowId: number, changes: FileChanges): void {
      const entries = Object.entries(changes);
      if (entries.length === 0) return;
      const columns = entries.map(([name]) => `"${name}" = ?`).join(', ');
      prepare(`UPDATE files SET ${columns} WHERE row_ID = ?`).run(
        ...entries.map(([, value]) => value),
        rowId,
      );
    },
    setting(name: string): string | undefined {
      const value = store.rows('SELECT value FROM settings WHERE name = ?', name)[0]?.[0];
      return typeof value === 'string' ? value : undefined;
    },
    setSetting(name: string, value: string): void {
      store.run(
        'INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
        name,
        value,
      );
    },
    close(): void {
      if (database.isOpen) database.close();
    },
  };
  return store;
}

function migrate(database: DatabaseSync): void {
  const found = database.prepare('PRAGMA user_version').get()?.user_version;
  if (found !== 0 && found !== VERSION) {
    throw new ForeignStoreError(
      `The sandbox’s database has version ${found}; this program writes version ${VERSION}`,
    );
  }
  database.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${VERSION}; COMMIT`);
}
