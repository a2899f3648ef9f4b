import type { JobFacts } from './facts.ts';

/** Between two notes (ms). Notes are counted, and not the time, so that a clock that jumps loses no job. */
const NOTE_MS = 600_000;
/** Notes of a day in which PanDA was asked. */
const LOST_TIMES = 144;

const SUBMITTED: JobFacts = {
  state: 'pending',
  cancelRequested: false,
  host: null,
  site: null,
  created: null,
  started: null,
  ended: null,
  cpuSeconds: 0,
  memoryKB: 0,
  swapKB: 0,
  exitCode: null,
  error: null,
};

/**
 * What is known of a job that PanDA has just said it does not know; the same object where there is nothing new to be noted.
 * A job that stays so for a day has failed.
 */
export function factsOfMissing(known: JobFacts | null, now: number): JobFacts {
  const facts = known ?? SUBMITTED;
  const { missing } = facts;
  if (missing === undefined) return { ...facts, missing: { since: now, last: now, times: 0 } };
  if (Math.abs(now - missing.last) < NOTE_MS) return facts;
  const noted = { ...missing, last: now, times: missing.times + 1 };
  if (noted.times < LOST_TIMES) return { ...facts, missing: noted };
  const error = `PanDA does not know the job any more; it was last ${facts.state}`;
  return { ...facts, state: 'failed', ended: now, exitCode: null, error, missing: noted };
}
