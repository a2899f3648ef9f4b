import type { BulkOptions } from '../api.ts';
import { protocolError, isObject } from '../wire/envelope.ts';
import type { CallFacts } from '../wire/envelope.ts';
import { PandaError } from '../errors/errors.ts';
import type { MonitorCallOptions, MonitorJob, MonitorJobQuery } from './api.ts';
import { DAY_MS, LIST_LIFE_MS } from './caller.ts';
import type { MonitorCall, MonitorCaller } from './caller.ts';
import { idOf, rowsOf, textOf } from './rows.ts';
import { decodeTime } from '../wire/time.ts';

/** Columns of a job list. `pandaid` has to be named: the monitor does not add it by itself. */
const FIELDS = 'pandaid,jobname,jobstatus,computingsite,creationtime,modificationtime';
/** Characters of names in one query, below what web servers take in a request line. */
const NAME_CHARACTERS = 4_000;
/** A name may have been submitted more than once. */
const ROWS_PER_NAME = 10;
const MOST_ROWS = 10_000;
const LONGEST_WINDOW_DAYS = 400;

export async function jobsOfUser(
  monitor: MonitorCaller,
  user: string,
  options: MonitorCallOptions & { readonly days?: number; readonly limit?: number },
): Promise<readonly MonitorJob[]> {
  const days = String(options.days ?? 7);
  const limit = String(options.limit ?? 5_000);
  return list(
    monitor,
    `list the jobs of ${user}`,
    { produsername: user, days, limit, fields: FIELDS },
    options,
  );
}

export async function findJobs(
  monitor: MonitorCaller,
  { user, taskId, states, from, to, limit }: MonitorJobQuery,
  options: MonitorCallOptions,
): Promise<readonly MonitorJob[]> {
  const tried = `list jobs from ${day(from)} to ${day(to)}`;
  if (!(from <= to) || to - from > LONGEST_WINDOW_DAYS * DAY_MS || !(limit >= 1 && limit <= MOST_ROWS)) {
    throw new RangeError(
      `could not ${tried}: at most ${LONGEST_WINDOW_DAYS} days and ${MOST_ROWS} jobs at a time`,
    );
  }
  const query = {
    ...(user === undefined ? {} : { produsername: user }),
    // Without the mode, attempts that were retried are left out.
    ...(taskId === undefined ? {} : { jeditaskid: String(taskId), mode: 'nodrop' }),
    ...(states === undefined ? {} : { jobstatus: states.join('|') }),
    date_from: day(from),
    date_to: day(to + DAY_MS),
    // What changed later on the last day comes first, and is none of what is looked for.
    limit: String(to < monitor.now() ? MOST_ROWS : limit),
    fields: FIELDS,
  };
  const jobs = await list(monitor, tried, query, options);
  const isOutside = (time: number | null): boolean => time !== null && (time < from || time > to);
  return jobs.filter(({ modificationTime }) => !isOutside(modificationTime)).slice(0, limit);
}

export async function jobsByName(
  monitor: MonitorCaller,
  names: readonly string[],
  options: BulkOptions,
): Promise<readonly MonitorJob[]> {
  const tried = `look for ${names.length} jobs by name`;
  checkNames(names, monitor.facts({ tried }));
  const found: MonitorJob[] = [];
  let done = 0;
  for (const chunk of chunksByLength(names)) {
    const query = {
      jobname: chunk.join('|'),
      limit: String(chunk.length * ROWS_PER_NAME),
      fields: FIELDS,
    };
    // Who lost an answer asks about the last minute.
    const answer = await monitor.get({ path: '/jobs/', query, tried }, { ...options, fresh: true });
    found.push(...decodeJobs(answer, monitor.facts({ tried })));
    done += chunk.length;
    options.onProgress?.(done, names.length);
  }
  return found;
}

async function list(
  monitor: MonitorCaller,
  tried: string,
  query: NonNullable<MonitorCall['query']>,
  options: MonitorCallOptions,
): Promise<readonly MonitorJob[]> {
  const facts = monitor.facts({ tried });
  const keep = (value: unknown): number => (isObject(value) && Array.isArray(value.jobs) ? LIST_LIFE_MS : 0);
  const answer = await monitor.get({ path: '/jobs/', query, tried, keep }, options);
  return decodeJobs(answer, facts).sort((a, b) => b.pandaId - a.pandaId);
}

function decodeJobs(answer: unknown, facts: CallFacts): MonitorJob[] {
  const rows = rowsOf(isObject(answer) ? answer.jobs : undefined, Infinity);
  if (rows === undefined) throw protocolError(facts, 'the answer holds no list of jobs');
  return rows.flatMap((row): MonitorJob[] => {
    const { jobname: jobName, jobstatus: state } = row;
    const pandaId = idOf(row.pandaid);
    if (pandaId === null || typeof jobName !== 'string' || typeof state !== 'string') return [];
    return [
      {
        pandaId,
        jobName,
        state,
        site: textOf(row.computingsite),
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

/** `YYYY-MM-DD` */
function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
