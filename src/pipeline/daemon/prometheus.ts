import { STATUSES } from '../rmi/index.ts';
import type { DaemonFigures, UserFigures } from './figures.ts';

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** A value of null is left out. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | null];

/** Figures as Prometheus reads them (text format 0.0.4); times are seconds there. */
export function prometheusText(figures: DaemonFigures): string {
  return [...daemonMetrics(figures), ...userMetrics(figures.users)].map(metricText).join('');
}

function daemonMetrics({ status, startTime, mails, connections, bound }: DaemonFigures): readonly Metric[] {
  const gauge = (name: string, help: string, value: number): Metric => ({
    name,
    type: 'gauge',
    help,
    samples: [[{}, value]],
  });
  return [
    gauge('healthy', '1 where all is well.', Number(status === 'OK')),
    gauge('start_time_seconds', 'When the daemon began.', startTime / 1000),
    gauge('rmi_connections', 'Open connections of clients.', connections),
    gauge('registry_bound', '1 where clients can look the services up.', Number(bound)),
    {
      name: 'mails',
      type: 'gauge',
      help: 'Mails in the journal; sending: it is not known whether they came.',
      samples: Object.entries(mails ?? {}).map(([step, count]) => [{ step }, count] as const),
    },
  ];
}

function userMetrics(users: readonly UserFigures[]): readonly Metric[] {
  const metric = (
    name: string,
    help: string,
    pick: (user: UserFigures) => number | null,
    type: Metric['type'] = 'gauge',
  ): Metric => ({
    name,
    type,
    help,
    samples: users.map((user) => [{ user: user.user }, pick(user)] as const),
  });
  const seconds = (time: number | null): number | null => (time === null ? null : time / 1000);
  return [
    {
      name: 'jobs',
      type: 'gauge',
      help: 'Jobs in the journal by the state that the pipeline sees.',
      samples: users.flatMap(({ user, jobCounts }) =>
        STATUSES.map((status) => [{ user, status }, jobCounts[status]] as const),
      ),
    },
    metric(
      'job_submissions_total',
      'Submissions since the daemon began.',
      (user) => user.jobSubmissionCount,
      'counter',
    ),
    metric('last_successful_job_submission_time_seconds', 'When a job was last submitted.', (user) =>
      seconds(user.lastSuccessfulJobSubmissionTime),
    ),
    metric('last_failed_job_submission_time_seconds', 'When a submission last failed.', (user) =>
      seconds(user.lastFailedJobSubmissionTime),
    ),
    metric(
      'open_submissions',
      'Jobs of which it is not known whether PanDA has them.',
      (user) => user.openSubmissions,
    ),
    metric('last_poll_time_seconds', 'When PanDA was last asked with success.', (user) =>
      seconds(user.lastPollTime),
    ),
  ];
}

function metricText({ name, type, help, samples }: Metric): string {
  const lines = samples.flatMap(([labels, value]) =>
    value === null ? [] : [`desc_panda_${name}${labelText(labels)} ${value}`],
  );
  if (lines.length === 0) return '';
  return [`# HELP desc_panda_${name} ${help}`, `# TYPE desc_panda_${name} ${type}`, ...lines, ''].join('\n');
}

/** Names of users and states hold nothing that would have to be escaped. */
function labelText(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return texts.length === 0 ? '' : `{${texts.join(',')}}`;
}
