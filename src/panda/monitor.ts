import type { BulkOptions, CallOptions, MonitorApi, MonitorJob, StateChange } from './api.ts';
import { isObject, protocolError } from './envelope.ts';
import type { CallFacts } from './envelope.ts';
import { PandaError } from './errors.ts';
import type { Http } from './httpTypes.ts';
import type { Identity } from './identity.ts';
import { createMonitorCaller } from './monitorCaller.ts';
import { filesOfJob } from './monitorFiles.ts';
import type { MonitorCaller } from './monitorCaller.ts';
import type { RetryTools } from './retry.ts';
import { decodeTime } from './wireTime.ts';

/** Columns of a job list. `pandaid` has to be named: the monitor does not add it by itself. */
const FIELDS = 'pandaid,jobname,jobstatus,computingsite,creationtime,modificationtime';
/** Characters of names in one query, below what web servers take in a request line. */
const NAME_CHARACTERS = 4_000;
/** A name may have been submitted more than once. */
const ROWS_PER_NAME = 10;

/** The part of the BigPanDA monitor's JSON that we use; read only. */
export function createMonitorApi(
  base: string,
  server: string,
  http: Http,
  identity: Identity,
  tools: RetryTools,
  userAgent: string,
): MonitorApi {
  const monitor = createMonitorCaller(base, server, http, identity, tools, userAgent);
  return {
    jobsOfUser: (user, options = {}) => jobsOfUser(monitor, user, options),
    jobsByName: (names, options = {}) => jobsByName(monitor, names, options),
    stateHistory: (pandaId, options = {}) => stateHistory(monitor, pandaId, options),
    filesOfJob: (pandaId, options = {}) => filesOfJob(monitor, base, pandaId, options),
    jobUrl: (pandaId) => `${base}/job/${pandaId}/`,
  };
}

async function jobsOfUser(
  monitor: MonitorCaller,
  user: string,
  options: CallOptions & { readonly days?: number; readonly limit?: number },
): Promise<readonly MonitorJob[]> {
  const facts = monitor.facts(`list the jobs of ${user}`);
  const query = {
    produsername: user,
    days: String(options.days ?? 7),
    limit: String(options.limit ?? 5_000),
    fields: FIELDS,
  };
  const jobs = decodeJobs(await monitor.get('/jobs/', query, facts, options.signal), facts);
  return jobs.sort((a, b) => b.pandaId - a.pandaId);
}

async function jobsByName(
  monitor: MonitorCaller,
  names: readonly string[],
  options: BulkOptions,
): Promise<readonly MonitorJob[]> {
  const facts = monitor.facts(`look for ${names.length} jobs by name`);
  checkNames(names, facts);
  const found: MonitorJob[] = [];
  let done = 0;
  for (const chunk of chunksByLength(names)) {
    const query = {
      jobname: chunk.join('|'),
      limit: String(chunk.length * ROWS_PER_NAME),
      fields: FIELDS,
      // The monitor keeps answers for ten minutes; who lost an answer asks about the last one.
      timestamp: String(monitor.now()),
    };
    found.push(...decodeJobs(await monitor.get('/jobs/', query, facts, options.signal), facts));
    done += chunk.length;
    options.onProgress?.(done, names.length);
  }
  return found;
}

async function stateHistory(
  monitor: MonitorCaller,
  pandaId: number,
  options: CallOptions,
): Promise<readonly StateChange[]> {
  const facts = monitor.facts(`get the history of job ${pandaId}`);
  const rows = await monitor.get(`/jobstatuslog/${pandaId}/`, {}, facts, options.signal);
  if (!Array.isArray(rows)) {
    throw protocolError(facts, 'the answer is not a list of states');
  }
  return rows
    .filter(isObject)
    .flatMap((row): StateChange[] => {
      const time = decodeTime(row.modificationtime);
      return typeof row.jobstatus !== 'string' || time === null
        ? []
        : [
            {
              state: row.jobstatus,
              subState: text(row.jobsubstatus),
              time,
              host: text(row.modificationhost),
            },
          ];
    })
    .sort((a, b) => a.time - b.time);
}

function decodeJobs(answer: unknown, facts: CallFacts): MonitorJob[] {
  const rows = isObject(answer) ? answer.jobs : undefined;
  if (!Array.isArray(rows)) {
    throw protocolError(facts, 'the answer holds no list of jobs');
  }
  return rows.filter(isObject).flatMap((row): MonitorJob[] => {
    const { pandaid: pandaId, jobname: jobName, jobstatus: state } = row;
    if (!isPandaId(pandaId) || typeof jobName !== 'string' || typeof state !== 'string') {
      return [];
    }
    return [
      {
        pandaId,
        jobName,
        state,
        site: text(row.computingsite),
        creationTime: decodeTime(row.creationtime),
        modificationTime: decodeTime(row.modificationtime),
      },
    ];
  });
}

/** Lists, wildcards and negation are written with these characters: a name that holds them cannot be asked for. */
function checkNames(names: readonly string[], facts: CallFacts): void {
  const bad = names.find((name) => name === '' || /[|,*!%]/.test(name));
  if (bad !== undefined) {
    throw new PandaError({
      kind: 'rejected',
      tried: facts.tried,
      cameBack: `the monitor cannot look for the name “${bad}”`,
      advice: 'Look for the job on the pages of the monitor',
    });
  }
}

function chunksByLength(names: readonly string[]): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  let room = 0;
  for (const name of names) {
    const needs = encodeURIComponent(name).length + 3;
    const last = chunks.at(-1);
    if (last === undefined || needs > room) {
      chunks.push([name]);
      room = NAME_CHARACTERS - needs;
    } else {
      last.push(name);
      room -= needs;
    }
  }
  return chunks;
}

function isPandaId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
