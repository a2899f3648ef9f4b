import type { ServerContext } from '../context.ts';
import { cleanName } from '../../../panda/index.ts';
import type { Identity } from '../identity.ts';
import { method, type MethodTable } from '../method.ts';
import { dispatchRecord, labelsFor } from '../rules/dispatch.ts';
import { decideUpdate, isDebugged, isPilotState } from '../rules/pilotUpdate.ts';
import { UPDATE_PARAMETERS, updateValues, type UpdateArguments } from '../rules/pilotValues.ts';
import type { StoredJob } from '../store/columns.ts';
import { secretsText } from '../store/secrets.ts';
import { refused, succeeded, type Answer, type Envelope } from '../wire/answer.ts';
import {
  anyList,
  anything,
  bind,
  bool,
  int,
  intList,
  optional,
  required,
  str,
  withDefault,
  type Arguments,
} from '../wire/parameters.ts';
import { pythonLiteral } from '../wire/pythonText.ts';

const ACQUIRE_PARAMETERS = {
  site_name: required(str),
  timeout: withDefault(int, 60),
  memory: optional(int),
  disk_space: optional(int),
  prod_source_label: optional(str),
  node: optional(str),
  computing_element: optional(str),
  prod_user_id: optional(str),
  get_proxy_key: optional(str),
  task_id: optional(int),
  n_jobs: withDefault(int, 1),
  background: optional(bool),
  resource_type: optional(str),
  harvester_id: optional(str),
  worker_id: optional(int),
  scheduler_id: optional(str),
  job_type: optional(str),
  via_topic: optional(bool),
  remaining_time: optional(anything),
};
type AcquireArguments = Arguments<typeof ACQUIRE_PARAMETERS>;

/** Jobs handed out in one call at most. */
const MAX_ACQUIRED = 500;

export function pilotMethods(context: ServerContext): MethodTable {
  return {
    'pilot/acquire_jobs': method({ verb: 'POST' }, ACQUIRE_PARAMETERS, (values, { identity }) =>
      acquire(context, values, identity),
    ),
    'pilot/get_job_status': method(
      { verb: 'GET' },
      { job_ids: required(intList), timeout: withDefault(int, 60) },
      ({ job_ids }) => succeeded(job_ids.map((id) => pilotStatus(id, context.store.job(id)))),
    ),
    'pilot/update_job': method({ verb: 'POST', production: true }, UPDATE_PARAMETERS, (values) => ({
      kind: 'envelope',
      body: update(context, values),
    })),
    'pilot/update_jobs_bulk': method(
      { verb: 'POST', production: true },
      { job_list: required(anyList), harvester_id: optional(str) },
      ({ job_list }) => updateBulk(context, job_list),
    ),
  };
}

function pilotStatus(id: number, job: StoredJob | undefined): Readonly<Record<string, unknown>> {
  return job === undefined
    ? { job_id: id, status: 'not found', attempt_number: 0 }
    : { job_id: id, status: job.jobStatus, attempt_number: job.attemptNr };
}

function acquire(context: ServerContext, values: AcquireArguments, identity: Identity): Answer {
  const { store, sites } = context;
  if (!identity.production && values.prod_source_label !== 'user') {
    return refused('no production/pilot role in VOMS FQANs or non pilot owner');
  }
  const site = sites.get(values.site_name);
  const records = store.transaction(() => {
    const now = context.now();
    const jobs = findJobs(context, values, identity);
    const nSent =
      values.prod_source_label === 'managed' ? countSent(context, values.site_name) + jobs.length : 0;
    return jobs.map((job) => {
      store.update(
        job,
        { jobStatus: 'sent', startTime: now, modificationTime: now, modificationHost: values.node },
        now,
      );
      context.notice.heard(job.PandaID);
      const record = dispatchRecord(job, store.files(job.PandaID), site?.endPoint ?? '');
      const proxy = values.get_proxy_key !== null && identity.production ? { credname: '', myproxy: '' } : {};
      const secrets = usesSecrets(job) ? { secrets: secretsOf(job, context, identity) } : {};
      return { ...record, nSent, ...proxy, ...secrets };
    });
  });
  return records.length === 0 ? refused('No jobs in PanDA') : succeeded({ StatusCode: 0, jobs: records });
}

/**
 * Those of the user that a job names. Where the sandbox has one user, who owns every job whatever name it carries, also
 * theirs: a profile of their own may call them otherwise than its token does.
 */
function secretsOf({ prodUserName }: StoredJob, { store, signIn }: ServerContext, pilot: Identity): string {
  const isTheirs = pilot.ownsEverything && signIn === undefined;
  return secretsText(store, prodUserName ?? '', isTheirs ? { instead: cleanName(pilot.dn) } : {});
}

/** Its pilot is given the secrets of its owner; where there are none, an empty object. */
function usesSecrets({ specialHandling }: StoredJob): boolean {
  return (specialHandling ?? '').split(',').includes('us');
}

/** Activated jobs of the site that fit, the highest priority first, then the oldest. */
function findJobs(
  { store, sites }: ServerContext,
  values: AcquireArguments,
  identity: Identity,
): readonly StoredJob[] {
  const conditions = [`jobStatus = 'activated'`, 'computingSite = ?'];
  const bound: (string | number)[] = [values.site_name];
  const add = (condition: string, ...more: (string | number)[]): void => {
    conditions.push(condition);
    bound.push(...more);
  };
  // A sandbox's own pilot that names no label serves all of them.
  if (!identity.ownsEverything || values.prod_source_label !== null) {
    const labels = labelsFor(values.prod_source_label, sites.get(values.site_name)?.status);
    add(`prodSourceLabel IN (${labels.map(() => '?').join(', ')})`, ...labels);
  }
  if ((values.memory ?? 0) > 0) add('minRamCount <= ?', values.memory ?? 0);
  if ((values.disk_space ?? 0) > 0) add('maxDiskCount <= ?', values.disk_space ?? 0);
  if (values.resource_type !== null) add('resource_type = ?', values.resource_type);
  if (values.task_id !== null) add('jediTaskID = ?', values.task_id);
  const user = identity.production ? values.prod_user_id : identity.dn;
  if (user !== null) add('prodUserName = ?', cleanName(user) || user);
  const limit = Math.min(Math.max(values.n_jobs, 0), MAX_ACQUIRED);
  return store.jobs(
    `WHERE ${conditions.join(' AND ')} ORDER BY currentPriority DESC, PandaID LIMIT ${limit}`,
    ...bound,
  );
}

function countSent({ store }: ServerContext, site: string): number {
  const condition = `jobStatus = 'sent' AND computingSite = ? AND prodSourceLabel = 'managed'`;
  return Number(store.rows(`SELECT count(*) FROM jobs WHERE ${condition}`, site)[0]?.[0]);
}

function update(context: ServerContext, values: UpdateArguments): Envelope {
  const { store } = context;
  const state = values.job_status;
  if (!isPilotState(state)) {
    return { success: false, message: `Invalid job status: ${state}`, data: { StatusCode: 50 } };
  }
  return store.transaction(() => {
    const now = context.now();
    const job = store.job(values.job_id);
    const decision = decideUpdate(
      job,
      { state, attemptNr: values.attempt_nr, values: updateValues(values, now) },
      now,
    );
    if (decision.kind === 'stumble')
      return { success: true, message: 'Database error', data: { StatusCode: 30 } };
    if (job !== undefined) {
      store.update(job, decision.changes, now);
      context.notice.heard(job.PandaID);
    }
    if (decision.ends && (state === 'finished' || state === 'failed')) {
      const report = [values.job_id, state, values.job_output_report, now];
      store.run('INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)', ...report);
      context.notice.reported();
    }
    const secrets =
      job !== undefined && decision.command !== 'tobekilled' && isDebugged(job) ? { pilotSecrets: '{}' } : {};
    return { success: true, message: '', data: { StatusCode: 0, ...secrets, command: decision.command } };
  });
}

/** One answer per job; a job without its id or state spoils the whole answer, though earlier ones were applied. */
function updateBulk(context: ServerContext, jobs: readonly unknown[]): Answer {
  const answers: Envelope[] = [];
  for (const job of jobs) {
    if (typeof job !== 'object' || job === null || Array.isArray(job)) {
      return refused('failed with TypeError list indices must be integers or slices, not str', []);
    }
    const missing = ['job_id', 'job_status'].find((name) => !Object.hasOwn(job, name));
    if (missing !== undefined) return refused(`failed with KeyError ${pythonLiteral(missing)}`, []);
    const bound = bind(UPDATE_PARAMETERS, new Map(Object.entries(job)), false);
    answers.push(
      bound.ok ? update(context, bound.values) : { success: false, message: bound.message, data: null },
    );
  }
  return succeeded(answers);
}
