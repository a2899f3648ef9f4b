import { isObject, protocolError } from '../wire/envelope.ts';
import { FILE_ATTRIBUTES, JOB_ATTRIBUTES } from '../jobs/record.ts';
import type { JobAttribute } from '../jobs/record.ts';
import type { MonitorCallOptions, MonitorJobPage, MonitorWorker, StateChange } from './api.ts';
import type { MonitorCaller } from './caller.ts';
import { idOf, rowsOf, textOf } from './rows.ts';
import type { Row } from './rows.ts';
import { isFinal } from '../states.ts';
import { decodeJob } from '../wire/decode.ts';
import { decodeTime } from '../wire/time.ts';

const MOST_FILES = 20_000;
const MOST_STATES = 10_000;

/** Name of an attribute among the monitor's columns: lower case, and `resourcetype` without its underscore. */
export function monitorColumn(attribute: JobAttribute): string {
  return attribute === 'resource_type' ? 'resourcetype' : attribute.toLowerCase();
}

export async function jobPage(
  monitor: MonitorCaller,
  pandaId: number,
  options: MonitorCallOptions,
): Promise<MonitorJobPage> {
  const call = {
    path: '/job/',
    query: { pandaid: String(pandaId) },
    tried: `get job ${pandaId}`,
    missing: 'such job',
    keep: (value: unknown) =>
      isObject(value) && isObject(value.job) && idOf(value.job.pandaid) === pandaId && isEnded(value.job)
        ? Infinity
        : 0,
  };
  const answer = await monitor.get(call, options);
  const job = isObject(answer) && isObject(answer.job) ? answer.job : undefined;
  const record =
    job === undefined ? null : decodeJob(serverForm(job, isObject(answer) ? answer.files : undefined));
  if (job === undefined || record?.PandaID !== pandaId) {
    throw protocolError(monitor.facts(call), 'the answer is no page of this job');
  }
  return { record, worker: isObject(job.harvesterInfo) ? decodeWorker(job.harvesterInfo) : null };
}

export async function stateHistory(
  monitor: MonitorCaller,
  pandaId: number,
  options: MonitorCallOptions,
): Promise<readonly StateChange[]> {
  const call = {
    path: `/jobstatuslog/${pandaId}/`,
    tried: `get the history of job ${pandaId}`,
    // The last row of an ended job is written once.
    keep: (value: unknown) => (isEnded(Array.isArray(value) ? value.at(-1) : undefined) ? Infinity : 0),
  };
  const rows = rowsOf(await monitor.get(call, options), MOST_STATES);
  if (rows === undefined) throw protocolError(monitor.facts(call), 'the answer is not a list of states');
  return rows
    .flatMap((row): StateChange[] => {
      const time = decodeTime(row.modificationtime);
      if (typeof row.jobstatus !== 'string' || time === null) return [];
      const subState = textOf(row.jobsubstatus);
      return [{ state: row.jobstatus, subState, time, host: textOf(row.modificationhost) }];
    })
    .sort((a, b) => a.time - b.time);
}

function isEnded(row: unknown): boolean {
  return isObject(row) && typeof row.jobstatus === 'string' && isFinal(row.jobstatus);
}

/** The same job with the server's names; what the monitor works out besides is left out. */
function serverForm(job: Row, files: unknown): Row {
  return {
    ...Object.fromEntries(JOB_ATTRIBUTES.map(([name]) => [name, job[monitorColumn(name)]])),
    Files: (rowsOf(files, MOST_FILES) ?? []).map((file) =>
      Object.fromEntries(FILE_ATTRIBUTES.map(([name]) => [name, file[name.toLowerCase()]])),
    ),
  };
}

function decodeWorker(info: Row): MonitorWorker {
  const log = textOf(info.batchlog);
  return {
    id: idOf(info.workerid),
    harvester: textOf(info.harvesterid),
    computingElement: textOf(info.computingelement),
    batchLog: log !== null && /^https?:\/\//iu.test(log) && URL.canParse(log) ? log : null,
    diagnostics: textOf(info.diagmessage),
  };
}
