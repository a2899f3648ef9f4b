import type { JobRecord } from '../../panda/index.ts';
import type { UsageView } from './view.ts';

/** Points that a plot shows at most. */
const MOST_POINTS = 600;
const KILO = 1024;
const MEGA = 1024 * KILO;

interface Sample {
  /** Seconds since the first. */
  readonly elapsed: number;
  /** Bytes; null where not measured. */
  readonly pss: number | null;
  readonly rss: number | null;
  /** Seconds of all processors since the start. */
  readonly cpu: number | null;
}

/**
 * What a job used over time, out of the table that prmon writes: names of columns, then a line for each sample, with memory
 * in kB and times in s. Undefined where it holds no two samples. Of many samples the highest in each stretch of time is kept.
 */
export function buildUsage(table: string, record: JobRecord): UsageView | undefined {
  const samples = readSamples(table);
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

function readSamples(table: string): Sample[] {
  const [head = '', ...lines] = table.split('\n');
  const names = head.trim().toLowerCase().split(/\s+/u);
  if (!names.includes('time') && !names.includes('wtime')) return [];
  const samples: Sample[] = [];
  let start: number | undefined;
  for (const line of lines) {
    const row = readRow(names, line);
    const time = row?.('wtime') ?? row?.('time') ?? null;
    if (row === undefined || time === null) continue;
    start ??= time;
    const elapsed = time - start;
    // A clock that was set back, or another attempt that began the table anew.
    if (elapsed < (samples.at(-1)?.elapsed ?? 0)) continue;
    samples.push({ elapsed, pss: kilobytes(row('pss')), rss: kilobytes(row('rss')), cpu: cpuOf(row) });
  }
  return samples;
}

/** Values of a line by the name of their column; undefined for a line that is not whole. */
function readRow(names: readonly string[], line: string): ((name: string) => number | null) | undefined {
  const values = line.trim().split(/\s+/u).map(Number);
  if (values.length !== names.length) return undefined;
  return (name) => {
    const value = values[names.indexOf(name)] ?? Number.NaN;
    return Number.isFinite(value) && value >= 0 ? value : null;
  };
}

function cpuOf(row: (name: string) => number | null): number | null {
  const [user, system] = [row('utime'), row('stime')];
  return user === null && system === null ? null : (user ?? 0) + (system ?? 0);
}

function kilobytes(value: number | null): number | null {
  return value === null ? null : value * KILO;
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Null where nothing of it was measured. */
function column(values: readonly (number | null)[]): readonly (number | null)[] | null {
  return values.every((value) => value === null || value === 0) ? null : values;
}
