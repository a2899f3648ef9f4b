import type { JobFacts } from '../../service/facts.ts';
import { commentOf, currentState, isMissing, statusOfState } from '../../service/facts.ts';
import type { JournalDatabase, JournalJob, Step } from '../../service/journal.ts';
import type { MailStep } from '../../mail/ledger.ts';
import { MOST_ROWS } from './shapes.ts';
import type {
  HeldChoice,
  HeldCounts,
  HeldJob,
  HeldJobs,
  HeldPage,
  HeldStatus,
  HeldStreams,
  HeldTask,
} from './shapes.ts';

type Row = Readonly<Record<string, unknown>>;

// Counts are answered by the journal's indexes `byTask` and `byPlace` alone.

/** Changes whenever anything in the journal does. */
export function revisionOf(database: JournalDatabase): number {
  return Number(database.rows('SELECT total_changes() AS changes')[0]?.changes ?? 0);
}

export function heldTasks(database: JournalDatabase): readonly HeldTask[] {
  const rows = database.rows(
    `SELECT user, topTask AS task, step, state, count(*) AS count FROM jobs
     GROUP BY user, topTask, step, state`,
  );
  const groups = Map.groupBy(rows, ({ user, task }) => JSON.stringify([user, task]));
  return [...groups.values()].slice(0, MOST_ROWS).map((group) => ({
    user: String(group[0]?.user),
    task: String(group[0]?.task),
    counts: countsOf(group),
  }));
}

export function heldStreams(
  database: JournalDatabase,
  { user, task }: Required<Pick<HeldChoice, 'user' | 'task'>>,
  { offset, limit }: HeldPage,
): HeldStreams {
  const [all] = database.rows(
    'SELECT count(DISTINCT topStream) AS total FROM jobs WHERE user = ? AND topTask = ?',
    ...[user, task],
  );
  const rows = database.rows(
    `SELECT topStream AS stream, step, state, count(*) AS count FROM jobs
     WHERE user = ? AND topTask = ? AND topStream IN (
       SELECT DISTINCT topStream FROM jobs WHERE user = ? AND topTask = ? ORDER BY topStream LIMIT ? OFFSET ?)
     GROUP BY topStream, step, state ORDER BY topStream`,
    ...[user, task, user, task, limit, offset],
  );
  const groups = Map.groupBy(rows, ({ stream }) => Number(stream));
  const streams = [...groups].map(([stream, group]) => ({ stream, counts: countsOf(group) }));
  return { total: Number(all?.total ?? 0), streams };
}

export function heldJobs(
  database: JournalDatabase,
  { user, task, stream }: Required<Pick<HeldChoice, 'user' | 'task' | 'stream'>>,
  { offset, limit }: HeldPage,
): HeldJobs {
  const where = 'user = ? AND topTask = ? AND topStream = ?';
  const [all] = database.rows(`SELECT count(*) AS total FROM jobs WHERE ${where}`, user, task, stream);
  const rows = database.rows(
    `SELECT number, instance, execution, process, streamPath, step, pandaId, problem, cancelRequested, received,
       submitted, facts,
       (SELECT step FROM mails WHERE job = number AND kind = 'start') AS startMail,
       (SELECT step FROM mails WHERE job = number AND kind = 'end') AS endMail
     FROM jobs WHERE ${where} ORDER BY number LIMIT ? OFFSET ?`,
    ...[user, task, stream, limit, offset],
  );
  return { total: Number(all?.total ?? 0), jobs: rows.map(heldJob) };
}

/** Numbers of those chosen jobs that PanDA has and that have not ended. */
export function activeNumbers(
  database: JournalDatabase,
  { user, task, stream, number }: HeldChoice,
): readonly number[] {
  const chosen = [
    ['user', user],
    ['topTask', task],
    ['topStream', stream],
    ['number', number],
  ] as const;
  const given = chosen.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const where = given.map(([name]) => `${name} = ?`).join(' AND ');
  return database
    .rows(
      `SELECT number FROM jobs WHERE ended = 0 AND step = 'accepted' AND ${where} ORDER BY number`,
      ...given.map(([, value]) => value),
    )
    .map((row) => Number(row.number));
}

function countsOf(rows: readonly Row[]): HeldCounts {
  const counts: Partial<Record<HeldStatus, number>> = {};
  for (const { step, state, count } of rows) {
    const status = statusOf(step as Step, typeof state === 'string' ? state : null);
    counts[status] = (counts[status] ?? 0) + Number(count);
  }
  return counts;
}

function statusOf(step: Step, state: JobFacts['state'] | null): HeldStatus {
  if (step === 'failed') return 'REFUSED';
  if (step !== 'accepted') return 'SUBMITTING';
  return state === null ? 'PENDING' : statusOfState(state);
}

/** The columns of a row are as the journal wrote them. */
type JobRow = Pick<
  JournalJob,
  | 'number'
  | 'instance'
  | 'execution'
  | 'step'
  | 'pandaId'
  | 'problem'
  | 'cancelRequested'
  | 'received'
  | 'submitted'
> & {
  readonly process: string;
  readonly streamPath: string;
  readonly facts: string | null;
  readonly startMail: MailStep | null;
  readonly endMail: MailStep | null;
};

function heldJob(row: Row): HeldJob {
  const {
    step,
    facts: text,
    cancelRequested,
    startMail,
    endMail,
    problem,
    ...job
  } = row as unknown as JobRow;
  const facts = text === null ? null : (JSON.parse(text) as JobFacts);
  const mails = { start: startMail, end: endMail };
  const asked = cancelRequested !== null;
  if (facts === null) {
    return { ...job, ...NOTHING_KNOWN, status: statusOf(step, null), cancelRequested: asked, problem, mails };
  }
  const { state, site, host, exitCode, error, started, ended } = facts;
  return {
    ...{ ...job, state, site, host, exitCode, started, ended, mails },
    status: statusOf(step, currentState(facts)),
    cancelRequested: ended === null && (asked || facts.cancelRequested),
    problem: isMissing(facts) ? commentOf(facts) : (error ?? problem),
  };
}

const NOTHING_KNOWN = { state: null, site: null, host: null, exitCode: null, started: null, ended: null };
