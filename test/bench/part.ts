/** One measured figure, a line of the table and of `bench-results.json`. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What we want to reach; null where nothing is asked for. */
  readonly goal: number | null;
  /** Whether it was reached; null where there is no goal. */
  readonly met: boolean | null;
}

/** Takes a figure; lines appear as they come. */
export type Report = (result: BenchResult) => void;

/** What is measured together, chosen by `npm run bench -- --only <name>`. */
export interface BenchPart {
  readonly name: string;
  run(report: Report): Promise<void>;
}

/** A figure that should stay below its goal: a time, a size. */
export function atMost(name: string, value: number, unit: string, goal: number | null): BenchResult {
  return { name, value, unit, goal, met: goal === null ? null : value <= goal };
}

/** A figure that should reach its goal: a rate. */
export function atLeast(name: string, value: number, unit: string, goal: number | null): BenchResult {
  return { name, value, unit, goal, met: goal === null ? null : value >= goal };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? NaN) + high) / 2;
}

/** Milliseconds that something took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
