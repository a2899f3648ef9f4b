import { createHash } from 'node:crypto';

/** Jobs that only wait: the figures of the pipeline's simulator. */
export interface SimulatedJobs {
  /** Mean of the time a job takes, and its standard deviation; seconds. */
  readonly jobTime: number;
  readonly sigma: number;
  /** Probability that a job fails, from 0 to 1. */
  readonly failureRate: number;
}

/**
 * A HelloPanda that takes a time by chance and may fail. The dice fall the same for the same process instance, so that a job
 * that is asked for once more is the same job.
 */
export function simulatedCommand({ jobTime, sigma, failureRate }: SimulatedJobs, key: number): string {
  const [one = 0, two = 0, three = 0] = chances(key);
  const gauss = Math.sqrt(-2 * Math.log(one)) * Math.cos(2 * Math.PI * two);
  const seconds = Math.max(0, Math.round(jobTime + sigma * gauss));
  return `hello -- --seconds ${seconds} --code ${three <= failureRate && failureRate > 0 ? 1 : 0}`;
}

/** Three numbers above 0 and up to 1. */
function chances(key: number): readonly number[] {
  const bytes = createHash('sha256').update(String(key)).digest();
  return [0, 4, 8].map((at) => (bytes.readUInt32BE(at) + 1) / 2 ** 32);
}
