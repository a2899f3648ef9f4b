import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { currentState } from './facts.ts';
import type { JobFacts } from './facts.ts';
import { createGroupCommit } from './groupCommit.ts';
import type { JobIdentity, JobPlace } from './identity.ts';
import { openAlone } from './ownDatabase.ts';

/**
 * How far a submission got. What is noted before an outside effect says that it may have happened:
 * - `received`: nothing has happened yet;
 * - `preparing`: files of its working directory may have been moved away; `writing`: its own may be there;
 * - `sending`: the job may be at PanDA under its name;
 * - `accepted`: PanDA has it;
 * - `failed`: PanDA has it not, and everything was undone.
 */
export type Step = 'received' | 'preparing' | 'writing' | 'sending' | 'accepted' | 'failed';

/** One process instance and execution of one of the pipeline's users. */
export interface JournalJob {
  readonly number: number;
  readonly user: string;
  readonly task: string;
  readonly instance: string;
  readonly stream: string;
  readonly execution: string;
  /** Of everything that the pipeline sent. */
  readonly digest: string;
  readonly step: Step;
  /** When it was first asked for; this and the others: epoch milliseconds. */
  readonly received: number;
  /** When PanDA took it. */
  readonly submitted: number | null;
  /** Where its files are on this machine. */
  readonly directory: string;
  /** As the pipeline named it; null where it named none. */
  readonly workingDirectory: string | null;
  readonly logFile: string;
  readonly submission: string | null;
  readonly jobName: string | null;
  readonly pandaId: number | null;
  /** Why it failed, or is not known. */
  readonly problem: string | null;
  readonly cancelRequested: number | null;
  /** What PanDA last said of it. */
  readonly facts: JobFacts | null;
  readonly ended: boolean;
}

/** What has to be known of a job that is asked for again and again. */
export interface UnendedJob extends Pick<JournalJob, 'number' | 'instance'> {
  readonly pandaId: number;
  /** What PanDA last said of it, as JSON; null where it said nothing yet. */
  readonly facts: string | null;
}

export interface NewJournalJob {
  readonly identity: JobIdentity;
  readonly place: JobPlace;
  readonly digest: string;
  readonly directory: string;
  readonly workingDirectory: string | null;
  readonly logFile: string;
}

export type JournalChange = Partial<
  Omit<
    JournalJob,
    'number' | 'user' | 'task' | 'instance' | 'stream' | 'execution' | 'received' | 'facts' | 'ended'
  >
>;

/**
 * What the service did and is about to do, in SQLite. Each call is on the disk when it returns, or throws and left
 * nothing; those within `together` when that resolves.
 */
export interface ServiceJournal {
  find(user: string, identity: Pick<JobIdentity, 'instance' | 'execution'>): JournalJob | undefined;
  byNumber(number: number): JournalJob | undefined;
  byPandaId(user: string, pandaId: number): JournalJob | undefined;
  /** Of one process instance, the last execution first. */
  ofInstance(user: string, instance: string): readonly JournalJob[];
  /** Jobs at PanDA that have not ended, as far as is known: the first of those behind a number. */
  unended(user: string, behind: number, most: number): readonly UnendedJob[];
  /** Those of them that were to be cancelled. */
  cancelled(user: string): readonly JournalJob[];
  /** Submissions that a process before this one left half done. */
  unsettled(user: string): readonly JournalJob[];
  receive(user: string, job: NewJournalJob, now: number): JournalJob;
  change(number: number, change: JournalChange): void;
  noteFacts(number: number, facts: JobFacts, ended: boolean): void;
  /** Removes the first so many jobs that ended before a time (epoch milliseconds) and says which. */
  removeEnded(before: number, most: number): readonly JournalJob[];
  /** Called with the PandaID, where it has one, of each job of which something else is noted. */
  onChange(listener: (pandaId: number) => void): void;
  /**
   * Does what is given together with what others give at the same time, and is on the disk when it resolves: the disk is
   * waited for once. It may be done twice, the first time in vain, and must not wait for anything.
   */
  together<T>(work: () => T): Promise<T>;
  counts(user: string): Readonly<Record<Step, number>>;
  readonly database: JournalDatabase;
  close(): void;
}

/** The file that others note things in, too. */
export interface JournalDatabase {
  rows(sql: string, ...values: SQLInputValue[]): readonly Readonly<Record<string, unknown>>[];
  run(sql: string, ...values: SQLInputValue[]): void;
  /** Several statements, for tables. */
  exec(sql: string): void;
  transaction<T>(work: () => T): T;
  setting(name: string): string | undefined;
  setSetting(name: string, value: string): void;
}

const VERSION = 2;

const TABLES = `
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT NOT NULL,
    task TEXT NOT NULL,
    instance TEXT NOT NULL,
    stream TEXT NOT NULL,
    execution TEXT NOT NULL,
    digest TEXT NOT NULL,
    step TEXT NOT NULL,
    received INTEGER NOT NULL,
    submitted INTEGER,
    directory TEXT NOT NULL,
    workingDirectory TEXT,
    logFile TEXT NOT NULL,
    submission TEXT,
    jobName TEXT,
    pandaId INTEGER,
    problem TEXT,
    cancelRequested INTEGER,
    facts TEXT,
    ended INTEGER NOT NULL DEFAULT 0,
    endedAt INTEGER,
    begun INTEGER NOT NULL DEFAULT 0,
    mailed INTEGER NOT NULL DEFAULT 0,
    topTask TEXT NOT NULL DEFAULT '',
    topStream INTEGER NOT NULL DEFAULT 0,
    streamPath TEXT NOT NULL DEFAULT '',
    process TEXT NOT NULL DEFAULT '',
    state TEXT,
    UNIQUE (user, instance, execution)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS byPandaId ON jobs (pandaId);
  CREATE INDEX IF NOT EXISTS unended ON jobs (user) WHERE ended = 0;
  CREATE INDEX IF NOT EXISTS unmailed ON jobs (user) WHERE mailed = 0 AND begun = 1;
  CREATE INDEX IF NOT EXISTS byEnd ON jobs (endedAt) WHERE ended = 1;
  CREATE INDEX IF NOT EXISTS unsettled ON jobs (user) WHERE step = 'sending';
  CREATE INDEX IF NOT EXISTS byTask ON jobs (user, topTask, step, state);
  CREATE INDEX IF NOT EXISTS byPlace ON jobs (user, topTask, topStream, step, state);
`;

/** Adds place and state to jobs that were noted without it. */
const FROM_VERSION_1 = `
  ALTER TABLE jobs ADD COLUMN topTask TEXT NOT NULL DEFAULT '';
  ALTER TABLE jobs ADD COLUMN topStream INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN streamPath TEXT NOT NULL DEFAULT '';
  ALTER TABLE jobs ADD COLUMN process TEXT NOT NULL DEFAULT '';
  ALTER TABLE jobs ADD COLUMN state TEXT;
  UPDATE jobs SET topTask = task, streamPath = stream, topStream = CAST(stream AS INTEGER), state = json_extract(facts, '$.state');
`;

/** Another process has the journal. */
export class JournalInUse extends Error {
  override readonly name = 'JournalInUse';

  constructor(file: string) {
    super(`Another job control service has ${file}`);
  }
}

/** Throws JournalInUse, or the system's error where the file cannot be opened, or is of a later version. */
export function openJournal(file: string): ServiceJournal {
  // One process at a time: two would send two jobs where there is to be one.
  const database = openAlone(file, 2000, (opening) => {
    const version = Number(Object.values(opening.prepare('PRAGMA user_version').get() ?? {})[0]);
    if (version > VERSION) throw new Error(`${file} was written by a later version`);
    const before = version === 1 ? FROM_VERSION_1 : '';
    opening.exec(`BEGIN; ${before} ${TABLES} PRAGMA user_version = ${VERSION}; COMMIT`);
  });
  if (database === undefined) throw new JournalInUse(file);
  const opened = openDatabase(database);
  const commits = createGroupCommit(opened, file);
  return {
    ...jobTable(opened),
    together: commits.together,
    close() {
      commits.close();
      database.close();
    },
  };
}

function openDatabase(database: DatabaseSync): JournalDatabase {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const rows: JournalDatabase['rows'] = (sql, ...values) => prepare(sql).all(...values);
  return {
    rows,
    run(sql, ...values) {
      prepare(sql).run(...values);
    },
    exec: (sql) => database.exec(sql),
    transaction(work) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        // SQLite has rolled back already where the disk is full.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    setting(name) {
      const value = rows('SELECT value FROM settings WHERE name = ?', name)[0]?.value;
      return typeof value === 'string' ? value : undefined;
    },
    setSetting(name, value) {
      prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)').run(name, value);
    },
  };
}

function jobTable(database: JournalDatabase): Omit<ServiceJournal, 'together' | 'close'> {
  const select: Select = (condition, ...values) =>
    database.rows(`SELECT * FROM jobs WHERE ${condition}`, ...values).map(jobOf);
  return { database, ...lookups(database, select), ...changes(database, select) };
}

type Select = (condition: string, ...values: SQLInputValue[]) => readonly JournalJob[];
type Changing = 'receive' | 'change' | 'noteFacts' | 'removeEnded' | 'onChange';

function lookups(
  database: JournalDatabase,
  select: Select,
): Omit<ServiceJournal, Changing | 'database' | 'together' | 'close'> {
  return {
    find: (user, { instance, execution }) =>
      select('user = ? AND instance = ? AND execution = ?', user, instance, execution)[0],
    byNumber: (number) => select('number = ?', number)[0],
    byPandaId: (user, pandaId) =>
      select('user = ? AND pandaId = ? ORDER BY number DESC LIMIT 1', user, pandaId)[0],
    ofInstance: (user, instance) => select('user = ? AND instance = ? ORDER BY number DESC', user, instance),
    unended: (user, behind, most) =>
      database.rows(
        `SELECT number, instance, pandaId, facts FROM jobs WHERE user = ? AND ended = 0 AND step = 'accepted'
         AND pandaId IS NOT NULL AND number > ? ORDER BY number LIMIT ?`,
        ...[user, behind, most],
      ) as unknown as readonly UnendedJob[],
    cancelled: (user) =>
      select(
        "user = ? AND ended = 0 AND step = 'accepted' AND cancelRequested IS NOT NULL ORDER BY number",
        user,
      ),
    unsettled: (user) => select("user = ? AND step = 'sending' ORDER BY number", user),
    counts(user) {
      const counts = { received: 0, preparing: 0, writing: 0, sending: 0, accepted: 0, failed: 0 };
      const found = database.rows(
        'SELECT step, count(*) AS count FROM jobs WHERE user = ? GROUP BY step',
        user,
      );
      for (const { step, count } of found) counts[step as Step] = Number(count);
      return counts;
    },
  };
}

function changes(database: JournalDatabase, select: Select): Pick<ServiceJournal, Changing> {
  const listeners: ((pandaId: number) => void)[] = [];
  /** Runs a statement that ends in RETURNING pandaId. */
  const run = (sql: string, ...values: SQLInputValue[]): void => {
    for (const { pandaId } of database.rows(sql, ...values)) {
      if (pandaId !== null) for (const listener of listeners) listener(Number(pandaId));
    }
  };
  return {
    onChange: (listener) => void listeners.push(listener),
    receive(user, { identity, place, digest, directory, workingDirectory, logFile }, now) {
      const { task, instance, stream, execution } = identity;
      const { topTask, topStream, streamPath, process } = place;
      const [row] = database.rows(
        `INSERT INTO jobs (user, task, instance, stream, execution, digest, step, received, directory,
         workingDirectory, logFile, topTask, topStream, streamPath, process)
         VALUES (?, ?, ?, ?, ?, ?, 'received', ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
        ...[user, task, instance, stream, execution, digest, now, directory, workingDirectory, logFile],
        ...[topTask, topStream, streamPath, process],
      );
      if (row === undefined) throw new Error('the journal took no job');
      return jobOf(row);
    },
    change(number, change) {
      const entries = Object.entries(change);
      run(
        `UPDATE jobs SET ${entries.map(([name]) => `${name} = ?`).join(', ')} WHERE number = ? RETURNING pandaId`,
        ...entries.map(([, value]) => value),
        number,
      );
    },
    noteFacts(number, facts, ended) {
      const begun = ended || facts.started !== null;
      run(
        `UPDATE jobs SET facts = ?, state = ?, begun = ?, ended = ?, endedAt = ? WHERE number = ?
         RETURNING pandaId`,
        ...[JSON.stringify(facts), currentState(facts), Number(begun), Number(ended)],
        ...[ended ? facts.ended : null, number],
      );
    },
    removeEnded(before, most) {
      const old = select('ended = 1 AND endedAt < ? ORDER BY endedAt LIMIT ?', before, most);
      database.transaction(() => {
        for (const { number } of old) run('DELETE FROM jobs WHERE number = ? RETURNING pandaId', number);
      });
      return old;
    },
  };
}

/** The table is strict, and nobody else writes to it. */
function jobOf(row: Readonly<Record<string, unknown>>): JournalJob {
  const { facts, ended } = row;
  return {
    ...row,
    facts: typeof facts === 'string' ? (JSON.parse(facts) as JobFacts) : null,
    ended: ended === 1,
  } as JournalJob;
}
