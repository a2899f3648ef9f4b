import { statusOfState } from '../service/facts.ts';
import type { JournalDatabase } from '../service/journal.ts';
import type { JobControlService } from '../service/service.ts';
import { STATUSES } from '../rmi/index.ts';
import type { Status } from '../rmi/index.ts';
import type { MailStep } from '../mail/ledger.ts';

/** Times are epoch milliseconds, null: never. */
export interface UserFigures {
  readonly user: string;
  /** `OK`, or `Bad ` and why PanDA was asked in vain. */
  readonly status: string;
  /** Jobs in the journal by what the pipeline calls their state. */
  readonly jobCounts: Readonly<Record<Status, number>>;
  /** Since the daemon began. */
  readonly jobSubmissionCount: number;
  readonly lastSuccessfulJobSubmissionTime: number | null;
  readonly lastFailedJobSubmissionTime: number | null;
  /** Jobs of which it is not known whether PanDA has them. */
  readonly openSubmissions: number;
  /** When PanDA was last asked with success. */
  readonly lastPollTime: number | null;
}

export interface DaemonFigures {
  readonly status: string;
  readonly startTime: number;
  readonly users: readonly UserFigures[];
  /** Null where no mails are wanted. */
  readonly mails: Readonly<Record<MailStep, number>> | null;
  readonly connections: number;
  /** Whether clients can look the services up, as far as is known. */
  readonly bound: boolean;
}

export interface FigureSources {
  readonly services: readonly JobControlService[];
  readonly database: JournalDatabase;
  readonly startTime: number;
  readonly mails: () => Readonly<Record<MailStep, number>> | null;
  readonly connections: () => number;
  readonly bound: () => boolean;
}

/** Throws where the journal cannot be read. */
export function figuresOf(sources: FigureSources): DaemonFigures {
  const users = sources.services.map((service) => userFigures(service, sources.database));
  const bad = users.find(({ status }) => status !== 'OK');
  const bound = sources.bound();
  return {
    status: bound ? (bad?.status ?? 'OK') : 'Bad the names are not bound in the registry',
    startTime: sources.startTime,
    users,
    mails: sources.mails(),
    connections: sources.connections(),
    bound,
  };
}

function userFigures(
  { user, figures, poll, submitter }: JobControlService,
  database: JournalDatabase,
): UserFigures {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>;
  // A job that PanDA does not know any more is in no state.
  const sql = `SELECT iif(ended = 0 AND json_extract(facts, '$.missing.times') > 0, '', json_extract(facts, '$.state')) AS state,
    count(*) AS count FROM jobs WHERE user = ? AND step = 'accepted' GROUP BY 1`;
  for (const { state, count } of database.rows(sql, user)) {
    counts[typeof state === 'string' ? statusOfState(state) : 'PENDING'] += Number(count);
  }
  const [open] = database.rows(
    "SELECT count(*) AS count FROM jobs WHERE user = ? AND step = 'sending'",
    user,
  );
  return {
    user,
    status: poll.trouble === undefined ? 'OK' : `Bad ${poll.trouble.message}`,
    jobCounts: counts,
    jobSubmissionCount: figures.submitted,
    lastSuccessfulJobSubmissionTime: figures.lastSubmitted,
    lastFailedJobSubmissionTime: figures.lastFailed,
    openSubmissions: Number(open?.count ?? 0) - submitter.unnoted.size,
    lastPollTime: poll.asOf ?? null,
  };
}
