import type { ServerContext } from '../context.ts';
import { method, type MethodRules, type MethodTable } from '../method.ts';
import { refused, succeeded, type Answer } from '../wire/answer.ts';
import { int, optional, str, withDefault } from '../wire/parameters.ts';

const OPEN: MethodRules = { secure: false, verb: 'GET' };
const FAILURE = 'Database failure getting the job statistics';
const ENDED = `('finished', 'failed', 'cancelled', 'closed')`;
const MINUTE = 60_000;
const HALF_DAY = 720;
const WEEK = 10_080;

/** Counts in a tree of names; the innermost level is by state. */
interface Counts {
  readonly inner: Map<string, Counts>;
  readonly states: Map<string, number>;
}

const noCounts = (): Counts => ({ inner: new Map(), states: new Map() });

export function statisticsMethods(context: ServerContext): MethodTable {
  const windowed = { time_window: optional(int) };
  return {
    'statistics/job_stats_by_cloud': method(OPEN, { type: withDefault(str, 'production') }, ({ type }) =>
      type === 'production' || type === 'analysis'
        ? byCloud(context, type)
        : refused('Parameter "type" needs to be either "production" or "analysis" ', {}),
    ),
    'statistics/production_job_stats_by_cloud_and_processing_type': method(OPEN, {}, () =>
      answer(
        count(context, [CLOUD, `coalesce(processingType, 'null')`], within(context, HALF_DAY, MANAGED), []),
      ),
    ),
    'statistics/active_job_stats_by_site': method(OPEN, {}, () =>
      answer(count(context, ['computingSite'], ALL_ACTIVE, ['assigned', 'activated', 'running'])),
    ),
    'statistics/active_job_detailed_stats_by_site': method(OPEN, {}, () =>
      answer(
        count(context, ['computingSite', 'resource_type', 'prodSourceLabel'], ALL_ACTIVE, [
          'assigned',
          'activated',
          'running',
        ]),
        `${FAILURE} with resource_type and prodsourcelabel`,
      ),
    ),
    'statistics/job_stats_by_site_and_resource_type': method(OPEN, windowed, ({ time_window }) =>
      inWindow(context, ['computingSite', 'resource_type'], time_window),
    ),
    'statistics/job_stats_by_site_share_and_resource_type': method(OPEN, windowed, ({ time_window }) =>
      inWindow(context, ['computingSite', SHARE, 'resource_type'], time_window),
    ),
  };
}

const ACTIVE = `jobStatus IN ('pending', 'defined', 'waiting', 'assigned', 'throttled', 'activated', 'sent', 'starting',
  'running', 'holding', 'transferring', 'merging')`;
const MANAGED = `prodSourceLabel = 'managed'`;
const SHARE = `CASE WHEN prodSourceLabel IN ('user', 'panda') THEN 'user' WHEN prodSourceLabel IN ('managed', 'test')
  THEN prodSourceLabel ELSE job_label END`;
/** A cloud is unset until a job ends, except for production jobs. */
const CLOUD = `coalesce(cloud, CASE WHEN prodSourceLabel = 'managed' OR jobStatus IN ${ENDED} THEN computingSite END)`;

/** What is counted; its one value, if any, is the time since when a job may have ended. */
interface Selection {
  readonly condition: string;
  readonly values: readonly number[];
}

const ALL_ACTIVE: Selection = { condition: ACTIVE, values: [] };

/** Active jobs, and those that ended in the last minutes. */
function within({ now }: ServerContext, minutes: number, condition = '1'): Selection {
  if (minutes === 0) return { condition: `${condition} AND ${ACTIVE}`, values: [] };
  const ended = `(jobStatus IN ${ENDED} AND modificationTime > ?)`;
  return { condition: `${condition} AND (${ACTIVE} OR ${ended})`, values: [now() - minutes * MINUTE] };
}

function inWindow(context: ServerContext, groups: readonly string[], window: number | null): Answer {
  if (window !== null && (window < 0 || window > WEEK)) {
    const text = 'Parameter "time_window" needs to be a positive integer smaller than 10080 min (7 days)';
    return refused(text, {});
  }
  const filled = ['assigned', 'activated', 'running', 'finished', 'failed'];
  return answer(count(context, groups, within(context, window ?? HALF_DAY), filled));
}

function byCloud(context: ServerContext, type: 'production' | 'analysis'): Answer {
  const labels = type === 'production' ? MANAGED : `prodSourceLabel IN ('user', 'panda')`;
  return answer(count(context, [CLOUD], within(context, HALF_DAY, labels), []));
}

/** With nothing to count, the recorded server reports a failure. */
function answer(counts: Counts, failure = FAILURE): Answer {
  return counts.inner.size === 0 ? refused(failure, {}) : succeeded(toObject(counts));
}

/** Counts by the given columns and by state, with zeros for the states named in `filled`. */
function count(
  { store, sites }: ServerContext,
  groups: readonly string[],
  { condition, values }: Selection,
  filled: readonly string[],
): Counts {
  const columns = [...groups, 'jobStatus'];
  const numbers = columns.map((_column, index) => index + 1).join(', ');
  const rows = store.rows(
    `SELECT ${columns.join(', ')}, count(*) FROM jobs WHERE ${condition} GROUP BY ${numbers}`,
    ...values,
  );
  const counts = noCounts();
  for (const row of rows) {
    const keys = row
      .slice(0, -2)
      .map((key) => (groups[0] === CLOUD && key === row[0] ? cloudOf(sites, key) : String(key)));
    const { states } = keys.reduce(innerCounts, counts);
    if (states.size === 0) for (const state of filled) states.set(state, 0);
    const state = String(row.at(-2));
    states.set(state, (states.get(state) ?? 0) + Number(row.at(-1)));
  }
  return counts;
}

/** The cloud of a queue's name, or the name of a cloud as it is. */
function cloudOf(sites: ServerContext['sites'], key: unknown): string {
  const name = String(key);
  return sites.get(name)?.cloud ?? name;
}

function innerCounts({ inner }: Counts, key: string): Counts {
  const found = inner.get(key) ?? noCounts();
  inner.set(key, found);
  return found;
}

function toObject({ inner, states }: Counts): Readonly<Record<string, unknown>> {
  const members: (readonly [string, unknown])[] = [...inner].map(([key, counts]) => [key, toObject(counts)]);
  return Object.fromEntries<unknown>([...members, ...states]);
}
