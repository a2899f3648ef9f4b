import { FILE_ATTRIBUTES, JOB_ATTRIBUTES, monitorColumn } from '../../../panda/index.ts';
import type { StoredFile, StoredJob } from '../store/columns.ts';
import type { Store } from '../store/store.ts';
import { secondsText } from '../wire/dateTime.ts';
import { summariseErrors } from './errorSummary.ts';
import type { JobQuery } from './jobQuery.ts';
import { durationText, timeText } from './times.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** `/jobs/?json`: the jobs of a selection, what it is made of, and its errors. */
export function jobsPage(store: Store, query: JobQuery): JsonObject {
  const { condition, values, order, limit, fields } = query;
  const jobs = store.jobs(`WHERE ${condition} ORDER BY ${order} LIMIT ${limit}`, ...values);
  return {
    jobs: jobs.map((job) => pick(monitorJob(job), fields)),
    selectionsummary: FACETS.map((name) => facet(jobs, name)),
    errsByCount: summariseErrors(jobs),
  };
}

/** `/job/N/?json`; undefined for a job that is not there. */
export function jobPage(store: Store, pandaId: number): JsonObject | undefined {
  const job = store.job(pandaId);
  if (job === undefined) return undefined;
  return { job: monitorJob(job), files: store.files(pandaId).map(monitorFile), dsfiles: [] };
}

/** `/jobstatuslog/N/?json`: the states a job went through, in order. */
export function stateHistoryPage(store: Store, pandaId: number): readonly JsonObject[] {
  const job = store.job(pandaId);
  if (job === undefined) return [];
  const rows = store.rows(
    'SELECT jobStatus, jobSubStatus, time, modificationHost FROM transitions WHERE PandaID = ? ORDER BY id',
    pandaId,
  );
  return rows.map(([jobstatus, jobsubstatus, time, modificationhost], index) => {
    const next = rows[index + 1]?.[2];
    return {
      pandaid: pandaId,
      modificationtime: timeText(Number(time)),
      jobstatus,
      jobsubstatus,
      prodsourcelabel: job.prodSourceLabel,
      cloud: job.cloud,
      computingsite: job.computingSite,
      modificationhost,
      modiftime_extended: timeText(Number(time)),
      modiftime_str: secondsText(Number(time)),
      duration: next === undefined ? '---' : durationText(Number(next) - Number(time)),
    };
  });
}

const FACETS = [
  'jobStatus',
  'computingSite',
  'prodSourceLabel',
  'processingType',
  'prodUserName',
  'resource_type',
  'transformation',
] as const satisfies readonly (keyof StoredJob)[];

/** How often each value of a column occurs, commonest first. */
function facet(jobs: readonly StoredJob[], name: (typeof FACETS)[number]): JsonObject {
  const counts = new Map<string, number>();
  for (const job of jobs) {
    const value = job[name] ?? 'Not specified';
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const list = [...counts].sort(([, a], [, b]) => b - a).map(([kname, kvalue]) => ({ kname, kvalue }));
  return { field: monitorColumn(name), list };
}

function monitorJob(job: StoredJob): JsonObject {
  const record: Record<string, unknown> = {};
  for (const [name, kind] of JOB_ATTRIBUTES) record[monitorColumn(name)] = shown(job[name], kind);
  const seconds = Math.round(((job.endTime ?? job.modificationTime ?? 0) - (job.startTime ?? 0)) / 1000);
  const waited = Math.round(((job.startTime ?? job.modificationTime ?? 0) - (job.creationTime ?? 0)) / 1000);
  return {
    ...record,
    transformation: job.transformation?.split('/').at(-1) ?? null,
    category: 'run',
    durationsec: job.startTime === null ? 0 : Math.max(seconds, 0),
    duration: job.startTime === null ? '' : durationText(Math.max(seconds, 0) * 1000),
    waittimesec: Math.max(waited, 0),
    waittime: durationText(Math.max(waited, 0) * 1000),
    wn: job.modificationHost,
  };
}

function monitorFile(file: StoredFile): JsonObject {
  return Object.fromEntries(
    FILE_ATTRIBUTES.map(([name, kind]) => [name.toLowerCase(), shown(file[name], kind)]),
  );
}

function shown(value: string | number | null, kind: string): unknown {
  return kind === 'time' && typeof value === 'number' ? timeText(value) : value;
}

/** Only what was asked for; nothing is added, not even the id. */
function pick(job: JsonObject, fields: readonly string[] | undefined): JsonObject {
  return fields === undefined
    ? job
    : Object.fromEntries(fields.filter((name) => name in job).map((name) => [name, job[name]]));
}
