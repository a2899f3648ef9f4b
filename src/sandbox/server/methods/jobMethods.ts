import type { ServerContext } from '../context.ts';
import type { Identity } from '../identity.ts';
import { killJobs } from '../killJobs.ts';
import { method, type MethodTable } from '../method.ts';
import { acceptJobs, refusal } from '../rules/submission.ts';
import type { StoredJob } from '../store/columns.ts';
import { newPandaIds } from '../store/numbers.ts';
import { refused, succeeded, type Answer } from '../wire/answer.ts';
import { bool, int, intList, optional, required, str, strList, withDefault } from '../wire/parameters.ts';
import { plainText } from '../wire/answer.ts';
import { readSubmittedJobs } from '../wire/submittedJobs.ts';
import { describeJobs } from './describeJobs.ts';
import { offlineScript } from './offlineScript.ts';

/** More ids than this in one description are cut away without a word. */
const MAX_DESCRIBED = 5500;
const HOUR = 3_600_000;

export function jobMethods(context: ServerContext): MethodTable {
  const { store } = context;
  const describeAll = (jobIds: readonly number[]): Answer =>
    succeeded(describeJobs(store, jobIds.slice(0, MAX_DESCRIBED)));
  return {
    'job/submit': method({ verb: 'POST' }, { jobs: required(str) }, ({ jobs }, { identity }) =>
      submit(context, jobs, identity),
    ),
    'job/get_status': method(
      { verb: 'GET' },
      { job_ids: required(intList), timeout: withDefault(int, 60) },
      ({ job_ids }) => {
        const jobs = new Map(store.facts(job_ids, STATUS_FACTS).map((job) => [job.PandaID, job]));
        return succeeded(job_ids.map((id) => statusOf(jobs.get(id), context.now())));
      },
    ),
    'job/get_description': method({}, { job_ids: required(intList) }, ({ job_ids }) => describeAll(job_ids)),
    'job/get_description_incl_archive': method({}, { job_ids: required(intList) }, ({ job_ids }) =>
      describeAll(job_ids),
    ),
    'job/kill': method(
      { verb: 'POST' },
      {
        job_ids: required(intList),
        code: optional(int),
        use_email_as_id: withDefault(bool, false),
        kill_options: withDefault(strList, []),
      },
      ({ job_ids, code, use_email_as_id }, { identity }) =>
        use_email_as_id
          ? plainText(500, "get_email_address() missing 1 required positional argument: 'tmp_logger'")
          : succeeded(store.transaction(() => killJobs(context, job_ids, code, identity))),
    ),
    'job/generate_offline_execution_script': method(
      { secure: false, verb: 'GET' },
      { job_id: required(int), days: optional(int) },
      ({ job_id, days }) => ({ kind: 'value', value: offlineScript(store, job_id, days ?? 30) }),
    ),
    'job/get_metadata_for_analysis_jobs': method({ verb: 'GET' }, { task_id: required(int) }, () =>
      succeeded({}, 'No metadata found'),
    ),
    ...commandMethods(context),
  };
}

function commandMethods({ store, ...context }: ServerContext): MethodTable {
  const activeJob = (id: number): StoredJob | undefined => {
    const job = store.job(id);
    return job === undefined || isEnded(job) || job.jobStatus === 'defined' ? undefined : job;
  };
  return {
    'job/reassign': method({ verb: 'POST' }, { job_ids: required(intList) }, ({ job_ids }) => {
      store.transaction(() => {
        for (const job of job_ids.map(activeJob)) {
          // Back to the beginning, from where the set-up activates it again.
          if (job?.jobStatus !== 'activated') continue;
          const now = context.now();
          store.update(job, { jobStatus: 'defined', modificationTime: now, stateChangeTime: now }, now);
        }
      });
      context.notice.submitted();
      return succeeded();
    }),
    'job/set_debug_mode': method(
      { verb: 'POST', production: true },
      { job_id: required(int), mode: required(bool) },
      // The recorded server has success the wrong way round.
      ({ job_id, mode }) => {
        const job = activeJob(job_id);
        if (job === undefined) return succeeded(null, `PandaID=${job_id} not found in active DB`);
        const specialHandling = mode ? 'debug' : withoutDebug(job.specialHandling);
        store.transaction(() => store.update(job, { specialHandling }, context.now()));
        return refused('Succeeded');
      },
    ),
    'job/set_command': method(
      { verb: 'POST', production: true },
      { job_id: required(int), command: required(str) },
      ({ job_id, command }) => {
        const job = activeJob(job_id);
        if (job === undefined) return refused(`no active job with PandaID=${job_id}`);
        store.transaction(() => store.update(job, { commandToPilot: command.slice(0, 250) }, context.now()));
        return succeeded(null, 'command received');
      },
    ),
  };
}

/** To turn debugging on, a real server drops all other words; to turn it off, it leaves them. */
function withoutDebug(specialHandling: string | null): string | null {
  const words = (specialHandling ?? '').split(',').filter((word) => word !== 'debug');
  return words.join(',') || null;
}

const ENDED: ReadonlySet<string> = new Set(['finished', 'failed', 'cancelled', 'closed']);

function isEnded(job: Pick<StoredJob, 'jobStatus'>): boolean {
  return ENDED.has(job.jobStatus);
}

const STATUS_FACTS = ['PandaID', 'jobStatus', 'commandToPilot', 'modificationTime'] as const;
const UNKNOWN = { status: 'unknown', command: 'tobekilled' };

/** Jobs that are defined, ended over an hour ago, or not there, are all unknown. */
function statusOf(
  job: Pick<StoredJob, (typeof STATUS_FACTS)[number]> | undefined,
  now: number,
): { status: string; command: string | null } {
  if (job === undefined || job.jobStatus === 'defined') return UNKNOWN;
  if (isEnded(job) && now - (job.modificationTime ?? now) > HOUR) return UNKNOWN;
  return { status: job.jobStatus, command: job.commandToPilot };
}

function submit(context: ServerContext, text: string, identity: Identity): Answer {
  const read = readSubmittedJobs(text);
  if (!read.ok) return refused(read.message);
  const reason = refusal(read.jobs, identity);
  if (reason !== undefined) return refused(reason);
  const { store, sites } = context;
  const entries = store.transaction(() => {
    const numbers = newPandaIds(store, context.now(), read.jobs.length);
    const accepted = acceptJobs(read.jobs, {
      identity,
      now: context.now(),
      isSite: (name) => sites.has(name),
      definitionId: (owner, asked) => definitionId(context, owner ?? '', asked),
      nextPandaId: () => numbers.next().value,
    });
    for (const { stored } of accepted) if (stored !== undefined) store.insert(stored);
    return accepted.map(({ entry }) => entry);
  });
  context.notice.submitted();
  return succeeded(entries);
}

/** A number used before by the owner is not taken again: the next one is. */
function definitionId({ store }: ServerContext, owner: string, asked: number | null): number {
  const last = store.rows('SELECT jobDefinitionID FROM definitionIds WHERE owner = ?', owner)[0]?.[0];
  const used = typeof last === 'number' ? last : -1;
  const taken = asked !== null && asked > used ? asked : used + 1;
  store.run(
    'INSERT INTO definitionIds VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET jobDefinitionID = excluded.jobDefinitionID',
    owner,
    taken,
  );
  return taken;
}
