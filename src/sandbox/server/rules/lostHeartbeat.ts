import type { JobChanges, StoredJob } from '../store/columns.ts';
import { spacedText } from '../wire/dateTime.ts';

/** Milliseconds without a word from the pilot after which a job in a state is given up. */
export interface Patience {
  readonly sent: number;
  readonly starting: number;
  readonly running: number;
  /** Held by the pilot, which never came back to end it. */
  readonly holding: number;
  readonly transferring: number;
}

export const WATCHED_STATES = ['sent', 'starting', 'running', 'holding', 'transferring'] as const;

/** Patience for a heartbeat of so many seconds: ample, because a busy or sleeping laptop is not a dead one. */
export function patienceFor(heartbeatSeconds: number): Patience {
  const quiet = Math.max(heartbeatSeconds * 30, 120) * 1000;
  return { sent: quiet, starting: quiet, running: quiet, holding: 2 * quiet, transferring: 2 * quiet };
}

export function patienceOf(patience: Patience, state: string): number | undefined {
  const watched = WATCHED_STATES.find((name) => name === state);
  return watched === undefined ? undefined : patience[watched];
}

/** What becomes of a job whose pilot is silent. It ended when it was last heard of. `now`: epoch milliseconds. */
export function giveUp(job: StoredJob, now: number): JobChanges {
  const heard = job.modificationTime ?? now;
  return {
    ...reason(job, heard),
    jobStatus: job.commandToPilot === 'tobekilled' ? 'cancelled' : 'failed',
    endTime: job.endTime ?? heard,
    modificationTime: now,
    stateChangeTime: now,
  };
}

function reason(job: StoredJob, heard: number): JobChanges {
  switch (job.jobStatus) {
    case 'sent':
      return fault(102, "Sent job didn't receive reply from pilot within 30 min");
    case 'holding':
      return fault(103, `timeout in holding : last heartbeat at ${spacedText(job.endTime ?? heard)}`);
    case 'transferring':
      return fault(104, `timeout in transferring : last heartbeat at ${spacedText(job.endTime ?? heard)}`);
    default:
      return fault(100, `lost heartbeat : ${spacedText(heard)}`);
  }
}

function fault(jobDispatcherErrorCode: number, jobDispatcherErrorDiag: string): JobChanges {
  return { jobDispatcherErrorCode, jobDispatcherErrorDiag };
}
