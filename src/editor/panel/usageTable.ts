import { setImmediate as turn } from 'node:timers/promises';

/** One line of a table of what a job used. */
export interface Sample {
  /** Seconds since the first. */
  readonly elapsed: number;
  /** Bytes; null where not measured. */
  readonly pss: number | null;
  readonly rss: number | null;
  /** Seconds of all processors since the start. */
  readonly cpu: number | null;
}

/** Twelve days of a sample each five seconds. */
const MOST_SAMPLES = 200_000;
/** A longer line is none of prmon's. */
const LONGEST_LINE = 4_096;
/** Characters that are read before others have their turn. */
const SLICE = 16 * 1024;
const KILO = 1024;

/** The samples of a table that prmon wrote, in order of time; other lines are passed over. Blocks nobody, whatever the table is. */
export async function readUsageTable(table: string): Promise<readonly Sample[]> {
  let end = endOfLine(table, 0);
  const names = table.slice(0, Math.min(end, LONGEST_LINE)).trim().toLowerCase().split(/\s+/u);
  if (!names.includes('time') && !names.includes('wtime')) return [];
  const samples: Sample[] = [];
  let start: number | undefined;
  let turnAt = SLICE;
  for (let at = end + 1; at < table.length && samples.length < MOST_SAMPLES; at = end + 1) {
    end = endOfLine(table, at);
    if (end > turnAt) {
      turnAt = end + SLICE;
      await turn();
    }
    const line = table.slice(at, end);
    const row = readRow(names, line);
    if (row === undefined) continue;
    start ??= row.time;
    const elapsed = row.time - start;
    // A clock that was set back, or another attempt that began the table anew.
    if (elapsed < (samples.at(-1)?.elapsed ?? 0)) continue;
    samples.push({ elapsed, pss: row.pss, rss: row.rss, cpu: row.cpu });
  }
  return samples;
}

/** Where the line that begins at `at` ends. */
function endOfLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline;
}

/** A line with its time in seconds; undefined for one that is not whole, or too long. */
function readRow(
  names: readonly string[],
  line: string,
): (Omit<Sample, 'elapsed'> & { readonly time: number }) | undefined {
  if (line.length < names.length || line.length > LONGEST_LINE) return undefined;
  const values = line.trim().split(/\s+/u).map(Number);
  if (values.length !== names.length) return undefined;
  const valueOf = (name: string): number | null => {
    const value = values[names.indexOf(name)] ?? Number.NaN;
    return Number.isFinite(value) && value >= 0 ? value : null;
  };
  const time = valueOf('wtime') ?? valueOf('time');
  if (time === null) return undefined;
  return {
    time,
    pss: kilobytes(valueOf('pss')),
    rss: kilobytes(valueOf('rss')),
    cpu: sumOf(valueOf('utime'), valueOf('stime')),
  };
}

function sumOf(user: number | null, system: number | null): number | null {
  return user === null && system === null ? null : (user ?? 0) + (system ?? 0);
}

function kilobytes(value: number | null): number | null {
  return value === null ? null : value * KILO;
}
