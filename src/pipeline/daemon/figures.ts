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
  return {
    status: daemonStatus(sources),
    startTime: sources.startTime,
    users: sources.services.map((service) => userFigures(service, sources.database)),
    mails: sources.mails(),
    connections: sources.connections(),
    bound: sources.bound(),
  };
}

/** `OK`, or `Bad ` and what is wrong; without asking the journal. */
export function daemonStatus({ services, bound }: Pick<FigureSources, 'services' | 'bound'>): string {
  if (!bound()) return 'Bad the names are not bound in the registry';
  return services.map(userStatus).find((status) => status !== 'OK') ?? 'OK';
}

function userStatus({ poll }: JobControlService): string {
  return poll.trouble === undefined ? 'OK' : `Bad ${poll.trouble.message}`;
}

function userFigures(service: JobControlService, database: JournalDatabase): UserFigures {
  const { user, figures, poll, submitter } = service;
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>;
  let open = 0;
  // The index answers it alone, in its own order.
  const sql = `SELECT step, state, count(*) AS count FROM jobs INDEXED BY byTask WHERE user = ?
    GROUP BY topTask, step, state`;
  for (const { step, state, count } of database.rows(sql, user)) {
    if (step === 'sending') open += Number(count);
    if (step === 'accepted') {
      counts[typeof state === 'string' ? statusOfState(state) : 'PENDING'] += Number(count);
    }
  }
  return {
    user,
    status: userStatus(service),
    jobCounts: counts,
    jobSubmissionCount: figures.submitted,
    lastSuccessfulJobSubmissionTime: figures.lastSubmitted,
    lastFailedJobSubmissionTime: figures.lastFailed,
    openSubmissions: open - submitter.unnoted.size,
    lastPollTime: poll.asOf ?? null,
  };
}
