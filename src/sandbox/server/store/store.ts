import { chmodSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  decodeFile,
  decodeJob,
  FILE_COLUMNS,
  JOB_COLUMNS,
  JOB_PLACES,
  type FileChanges,
  type JobChanges,
  type StoredFile,
  type StoredJob,
  type Values,
} from './columns.ts';
import { createTables } from './schema.ts';

/** A job to store, with its files; those get their ids here, where they have none. */
export interface NewJob {
  readonly job: Values;
  readonly files: readonly Values[];
}

export type Row = readonly (string | number | null)[];

/** The jobs of a sandbox and all that belongs to them. Calls are synchronous: nothing happens in between. */
export interface Store {
  /**
   * All or nothing of what `work` writes; it is on the disk when this returns, so that an answer given afterwards holds
   * through a kill of the process and a power cut.
   */
  readonly transaction: <T>(work: () => T) => T;
  /** The same for steps that are taken again after a power cut: it alone undoes them, unless a transaction followed. */
  readonly repeatable: <T>(work: () => T) => T;
  /** Rows of a query, for the readers that count and search; values are always bound. */
  readonly rows: (sql: string, ...values: SQLInputValue[]) => readonly Row[];
  readonly run: (sql: string, ...values: SQLInputValue[]) => void;
  readonly job: (pandaId: number) => StoredJob | undefined;
  /** Some attributes of jobs, in no order; a job that is not there is left out. Far quicker than whole jobs. */
  readonly facts: <Name extends keyof StoredJob>(
    pandaIds: readonly number[],
    names: readonly Name[],
  ) => readonly Pick<StoredJob, Name>[];
  /** Jobs of a query that begins `SELECT * FROM jobs` and goes on as given. */
  readonly jobs: (condition: string, ...values: SQLInputValue[]) => readonly StoredJob[];
  readonly files: (pandaId: number) => readonly StoredFile[];
  readonly insert: (job: NewJob) => void;
  /** Writes changes of a job; a new state goes into its history. `time`: epoch milliseconds. */
  readonly update: (job: StoredJob, changes: JobChanges, time: number) => void;
  /** Writes the same changes of several jobs; those whose state changes get it into their history. */
  readonly updateAll: (pandaIds: readonly number[], changes: JobChanges, time: number) => void;
  readonly updateFile: (rowId: number, changes: FileChanges) => void;
  readonly setting: (name: string) => string | undefined;
  readonly setSetting: (name: string, value: string) => void;
  /** Makes the URLs in jobs and tasks that began with one origin begin with another: the sandbox has moved to a new port. */
  readonly moveUrls: (from: string, to: string) => void;
  readonly close: () => void;
}

const MAX_STATEMENTS = 300;
/** A condition with one value: PandaIDs as JSON. */
const LISTED = 'PandaID IN (SELECT value FROM json_each(?))';

/** Opens the jobs of a sandbox, or makes a place for them. */
export function openStore(file: string): Store {
  const database = new DatabaseSync(file);
  try {
    chmodSync(file, 0o600);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000');
    createTables(database);
  } catch (error) {
    database.close();
    throw error;
  }
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? database.prepare(sql);
    // Searches come in endless shapes; those that matter are soon back.
    if (statements.size > MAX_STATEMENTS) statements.clear();
    statements.set(sql, statement);
    return statement;
  };
  const rows: Store['rows'] = (sql, ...values) =>
    prepare(sql)
      .all(...values)
      .map((row) => Object.values(row).map(plainValue));
  return {
    ...records(prepare),
    ...manyRecords(prepare),
    transaction: (work) => inTransaction(database, work),
    repeatable: (work) => {
      // What is written now waits for the next transaction to be synced with it.
      database.exec('PRAGMA synchronous = NORMAL');
      try {
        return inTransaction(database, work);
      } finally {
        database.exec('PRAGMA synchronous = FULL');
      }
    },
    rows,
    run: (sql, ...values) => {
      prepare(sql).run(...values);
    },
    setting: (name) => {
      const value = rows('SELECT value FROM settings WHERE name = ?', name)[0]?.[0];
      return typeof value === 'string' ? value : undefined;
    },
    setSetting: (name, value) => {
      prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)').run(name, value);
    },
    moveUrls: (from, to) => {
      const moved = ['pilotID', 'transformation', 'jobParameters'].map(
        (column) => `"${column}" = replace("${column}", ?1, ?2)`,
      );
      prepare(`UPDATE jobs SET ${moved.join(', ')}`).run(`${from}/`, `${to}/`);
      // Tasks name the cache without a path.
      const inTasks = ['submitted', 'parameters'].map(
        (column) => `"${column}" = replace(replace("${column}", ?1 || '/', ?2 || '/'), ?1 || '"', ?2 || '"')`,
      );
      prepare(`UPDATE taskParameters SET ${inTasks.join(', ')}`).run(from, to);
    },
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back already, as it does on a full disk.
    }
    throw error;
  }
}

/** Nothing here stores anything but texts and numbers within the safe range. */
function plainValue(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

type Records = Pick<Store, 'job' | 'jobs' | 'files' | 'insert' | 'update' | 'updateFile'>;

/** Reading and writing of whole jobs and files. */
function records(prepare: (sql: string) => StatementSync): Records {
  const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
  const insertJob = prepare(`INSERT INTO jobs VALUES (${marks(JOB_COLUMNS.length)})`);
  const insertFile = prepare(`INSERT INTO files VALUES (${marks(FILE_COLUMNS.length)})`);
  const insertTransition = prepare(
    'INSERT INTO transitions (PandaID, jobStatus, jobSubStatus, time, modificationHost) VALUES (?, ?, ?, ?, ?)',
  );
  const change = (
    table: string,
    key: string,
    id: number,
    changes: Readonly<Record<string, SQLInputValue>>,
  ): void => {
    const names = Object.keys(changes);
    if (names.length === 0) return;
    const columns = names.map((name) => `"${name}" = ?`).join(', ');
    prepare(`UPDATE ${table} SET ${columns} WHERE ${key} = ?`).run(...Object.values(changes), id);
  };
  return {
    job: (pandaId) => {
      if (!Number.isSafeInteger(pandaId)) return undefined;
      const row = prepare('SELECT * FROM jobs WHERE PandaID = ?').get(pandaId);
      return row === undefined ? undefined : decodeJob(row);
    },
    jobs: (condition, ...values) =>
      prepare(`SELECT * FROM jobs ${condition}`)
        .all(...values)
        .map(decodeJob),
    files: (pandaId) =>
      prepare('SELECT * FROM files WHERE PandaID = ? ORDER BY row_ID').all(pandaId).map(decodeFile),
    insert: ({ job, files }) => {
      insertJob.run(...job);
      for (const file of files) insertFile.run(...file);
      const { PandaID, jobStatus, creationTime } = JOB_PLACES;
      const [id, state, time] = [job[PandaID] ?? null, job[jobStatus] ?? null, job[creationTime] ?? null];
      insertTransition.run(id, state, null, time, null);
    },
    update: (job, changes, time) => {
      change('jobs', 'PandaID', job.PandaID, changes);
      const { jobStatus, jobSubStatus = job.jobSubStatus, modificationHost = job.modificationHost } = changes;
      if (typeof jobStatus === 'string' && jobStatus !== job.jobStatus) {
        insertTransition.run(job.PandaID, jobStatus, jobSubStatus, time, modificationHost);
      }
    },
    updateFile: (rowId, changes) => change('files', 'row_ID', rowId, changes),
  };
}

/** Reading and writing of many jobs at once. */
function manyRecords(prepare: (sql: string) => StatementSync): Pick<Store, 'facts' | 'updateAll'> {
  return {
    facts: (pandaIds, names) => {
      const columns = names.map((name) => `"${name}"`).join(', ');
      // Columns are of the kinds of their attributes.
      return prepare(`SELECT ${columns} FROM jobs WHERE ${LISTED}`).all(
        JSON.stringify(pandaIds),
      ) as unknown as readonly Pick<StoredJob, (typeof names)[number]>[];
    },
    updateAll: (pandaIds, changes, time) => {
      const names = Object.keys(changes);
      if (names.length === 0 || pandaIds.length === 0) return;
      const ids = JSON.stringify(pandaIds);
      const { jobStatus, jobSubStatus, modificationHost } = changes;
      if (typeof jobStatus === 'string') {
        const given = [jobSubStatus, modificationHost].filter((value) => value !== undefined);
        const [subStatus, host] = [
          jobSubStatus === undefined ? 'jobSubStatus' : '?',
          modificationHost === undefined ? 'modificationHost' : '?',
        ];
        prepare(`INSERT INTO transitions (jobStatus, time, PandaID, jobSubStatus, modificationHost)
          SELECT ?, ?, PandaID, ${subStatus}, ${host} FROM jobs WHERE ${LISTED} AND jobStatus IS NOT ?`).run(
          ...[jobStatus, time, ...given, ids, jobStatus],
        );
      }
      const columns = names.map((name) => `"${name}" = ?`).join(', ');
      prepare(`UPDATE jobs SET ${columns} WHERE ${LISTED}`).run(...Object.values(changes), ids);
    },
  };
}
