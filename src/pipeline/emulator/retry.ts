import type { TaskFile } from '../taskXml/model.ts';
import type { Instance } from './instances.ts';
import { expandFor } from './variables.ts';

/**
 * Whether an instance that has just ended is to be run again by itself. `retryOn` names states or exit codes, separated by
 * commas or blanks; without it, FAILED and TERMINATED are tried again.
 */
export function mayRetry(file: TaskFile, instance: Instance): boolean {
  const { process, state, retry, exitCode } = instance;
  if (state !== 'FAILED' && state !== 'TERMINATED') return false;
  const most = Number(expandFor(file, instance, process.autoRetryMaxAttempts));
  if (!(retry < most)) return false;
  const words = expandFor(file, instance, process.retryOn)
    .split(/[\s,;]+/)
    .filter((word) => word !== '');
  return words.length === 0 || words.includes(state) || words.includes(String(exitCode));
}
