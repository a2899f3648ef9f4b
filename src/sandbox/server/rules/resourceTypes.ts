/** A class of jobs by cores and memory. Memory in MB per core; null for no bound. */
export interface ResourceTypeSpec {
  readonly name: string;
  readonly mincore: number;
  readonly maxcore: number | null;
  readonly minrampercore: number;
  readonly maxrampercore: number | null;
}

const SINGLE_CORE_LOW: ResourceTypeSpec = {
  name: 'SCORE',
  mincore: 1,
  maxcore: 1,
  minrampercore: 0,
  maxrampercore: 2000,
};

/** The types of the recorded server. */
export const RESOURCE_TYPES: readonly ResourceTypeSpec[] = [
  SINGLE_CORE_LOW,
  { name: 'SCORE_HIMEM', mincore: 1, maxcore: 1, minrampercore: 2001, maxrampercore: null },
  { name: 'MCORE', mincore: 2, maxcore: null, minrampercore: 0, maxrampercore: 2000 },
  { name: 'MCORE_HIMEM', mincore: 2, maxcore: null, minrampercore: 2001, maxrampercore: null },
];

/** The type of a job with so many cores and so much memory (MB, for the whole job). */
export function resourceType(coreCount: number, minRamCount: number): ResourceTypeSpec {
  const cores = Math.max(coreCount, 1);
  const perCore = minRamCount / cores;
  const fitting = RESOURCE_TYPES.find(
    (type) =>
      cores <= (type.maxcore ?? Infinity) &&
      cores >= type.mincore &&
      perCore <= (type.maxrampercore ?? Infinity),
  );
  return fitting ?? SINGLE_CORE_LOW;
}
