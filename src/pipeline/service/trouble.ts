import { isAbort, PandaError } from '../../panda/index.ts';
import { StagingError } from '../../staging/index.ts';
import { SubmissionError } from '../../watch/index.ts';
import { JavaThrowable, jobControlException, jobSubmissionException } from '../rmi/index.ts';
import type { Tell } from './account.ts';

/**
 * An error as the pipeline's client may see it: a JobSubmissionException for what is wrong with the job, else a
 * JobControlException. What is neither of the pipeline nor of PanDA is a fault of ours; it is told to the log only.
 */
export function asThrowable(tried: string, error: unknown, tell: Tell): JavaThrowable {
  if (error instanceof JavaThrowable) return error;
  if (isAbort(error)) return jobControlException(`Could not ${tried}: it was broken off`);
  if (error instanceof PandaError) {
    return error.kind === 'rejected'
      ? jobSubmissionException(wordsOf(error))
      : jobControlException(wordsOf(error));
  }
  if (error instanceof StagingError) {
    return error.kind === 'badName'
      ? jobSubmissionException(wordsOf(error))
      : jobControlException(wordsOf(error));
  }
  if (error instanceof SubmissionError) {
    return error.cause === undefined
      ? jobSubmissionException(wordsOf(error))
      : jobControlException(wordsOf(error));
  }
  const system = systemTrouble(error);
  if (system !== undefined) return jobControlException(`Could not ${tried}: ${system}`);
  tell('error', 'fault', {
    tried,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return jobControlException(`Could not ${tried}: a fault of the job control service; its log says more`);
}

/** What an error of the system or of SQLite means; undefined for any other. */
export function systemTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  if (code === 'ENOSPC' || code === 'EDQUOT' || ('errcode' in error && error.errcode === SQLITE_FULL)) {
    return 'the disk of the job control service is full';
  }
  if (code === 'ERR_SQLITE_ERROR') {
    return `the journal of the job control service cannot be used (${error.message})`;
  }
  // Others that have a code are faults of ours.
  return 'syscall' in error ? `the system says ${String(code)}` : undefined;
}

const SQLITE_FULL = 13;

function wordsOf(error: Error & { readonly advice: string }): string {
  return error.advice === '' ? error.message : `${error.message} ${error.advice}.`;
}
