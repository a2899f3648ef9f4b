import type { JobRecord } from '../../panda/index.ts';
import { readUsageTable } from './usageTable.ts';
import type { Sample } from './usageTable.ts';
import type { UsageView } from './view.ts';

/** Points that a plot shows at most. */
const MOST_POINTS = 600;
const MEGA = 1024 * 1024;

/**
 * What a job used over time, out of the table that prmon writes: names of columns, then a line for each sample, with memory
 * in kB and times in s. Undefined where it holds no two samples. Of many samples the highest in each stretch of time is kept.
 */
export async function buildUsage(table: string, record: JobRecord): Promise<UsageView | undefined> {
  const samples = await readUsageTable(table);
  if (samples.length < 2) return undefined;
  const stretch = Math.ceil(samples.length / MOST_POINTS);
  const points: UsagePoint[] = [];
  for (let from = 0; from < samples.length; from += stretch) {
    points.push(pointOf(samples.slice(from, from + stretch), samples[from - 1]));
  }
  const asked = record.minRamCount ?? 0;
  const unit = record.minRamUnit?.toUpperCase().startsWith('G') === true ? 1024 * MEGA : MEGA;
  return {
    seconds: points.map(({ elapsed }) => elapsed),
    pss: column(points.map(({ pss }) => pss)),
    rss: column(points.map(({ rss }) => rss)),
    cores: column(points.map(({ cores }) => cores)),
    memoryAsked: asked > 0 ? asked * unit : null,
    coresAsked: Math.max(record.coreCount ?? record.actualCoreCount ?? 1, 1),
  };
}

interface UsagePoint {
  readonly elapsed: number;
  readonly pss: number | null;
  readonly rss: number | null;
  readonly cores: number | null;
}

function pointOf(samples: readonly Sample[], before: Sample | undefined): UsagePoint {
  const last = samples.at(-1);
  return {
    elapsed: last?.elapsed ?? 0,
    pss: highest(samples.map(({ pss }) => pss)),
    rss: highest(samples.map(({ rss }) => rss)),
    cores: coresBetween(before ?? samples[0], last),
  };
}

/** Time used only grows; where it does not, processes ended unseen. */
function coresBetween(first: Sample | undefined, last: Sample | undefined): number | null {
  if (first === undefined || last === undefined || first.cpu === null || last.cpu === null) return null;
  const time = last.elapsed - first.elapsed;
  return time <= 0 ? null : Math.max(0, (last.cpu - first.cpu) / time);
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Null where nothing of it was measured. */
function column(values: readonly (number | null)[]): readonly (number | null)[] | null {
  return values.every((value) => value === null || value === 0) ? null : values;
}
