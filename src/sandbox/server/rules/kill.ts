import type { Identity } from '../identity.ts';
import { cleanName, isFinal } from '../../../panda/index.ts';
import type { JobChanges, StoredJob } from '../store/columns.ts';
import { spacedText } from '../wire/dateTime.ts';

/** What a kill is decided by. */
export const KILL_FACTS = [
  'PandaID',
  'jobStatus',
  'jobSubStatus',
  'prodSourceLabel',
  'prodUserID',
  'commandToPilot',
  'endTime',
] as const;
type KillFacts = Pick<StoredJob, (typeof KILL_FACTS)[number]>;

/** What a kill does to a job: nothing (false in the answer), or changes, which may end it. */
export type KillDecision =
  | { readonly accepted: false }
  | { readonly accepted: true; readonly changes: JobChanges; readonly ends: boolean };

const REFUSED: KillDecision = { accepted: false };
/** What the production role may use on the jobs of users; without one of these it is not heard. */
const PRODUCTION_CODES: ReadonlySet<number | null> = new Set([2, 4, 7, 8, 9, 10, 50, 51, 52, 91, 99]);
/** These do not mind that the job is being killed already. */
const REPEATABLE_CODES: ReadonlySet<number | null> = new Set([2, 9, 10, 51, 52, 60, 99]);

/** Decides a kill. `now`: epoch milliseconds. Code null where the caller gave none. */
export function decideKill(job: KillFacts, who: Identity, code: number | null, now: number): KillDecision {
  if (isFinal(job.jobStatus) || !mayKill(job, who, code)) return REFUSED;
  if (job.commandToPilot === 'tobekilled' && !REPEATABLE_CODES.has(code)) return REFUSED;
  const marked: JobChanges = { commandToPilot: 'tobekilled', taskBufferErrorDiag: `killed by ${who.dn}` };
  if (job.jobStatus === 'running' && !isForced(job, who, code)) {
    return { accepted: true, changes: marked, ends: false };
  }
  const endTime = job.endTime ?? now;
  return {
    accepted: true,
    ends: true,
    changes: {
      ...marked,
      endTime,
      // A job that was only starting has not run.
      ...(job.jobStatus === 'starting' ? { startTime: endTime } : {}),
      modificationTime: now,
      stateChangeTime: now,
      ...ending(job, who, code, now),
    },
  };
}

function mayKill(job: KillFacts, who: Identity, code: number | null): boolean {
  if (who.ownsEverything) return true;
  if (who.production) {
    const isUsers = job.prodSourceLabel === 'user' || job.prodSourceLabel === 'panda';
    return !isUsers || PRODUCTION_CODES.has(code);
  }
  return cleanName(job.prodUserID ?? '') === cleanName(who.dn);
}

/** Whether even a running job ends at once. */
function isForced(job: KillFacts, who: Identity, code: number | null): boolean {
  const label = job.prodSourceLabel;
  const isProduction = label === null || label === 'managed' || label.includes('test');
  return (isProduction && (code === 9 || code === 52)) || (who.production && code === 99);
}

function ending(job: KillFacts, who: Identity, code: number | null, now: number): JobChanges {
  switch (code) {
    case 2:
    case 4: {
      const diag = `expired in ${job.jobStatus}. status unchanged since ${spacedText(now)}`;
      return closed('toreassign', 102, diag);
    }
    case 3:
      return cancelled(103, 'aborted by ExtIF');
    case 8:
      return {
        ...cancelled(105, `reassigned to another site by rebrokerage. new ${who.dn}`),
        commandToPilot: null,
      };
    case 10:
      return closed(job.jobSubStatus, 130, 'fast rebrokerage due to Nq/Nr overshoot');
    case 50:
    case 52:
      return cancelled(100, who.dn);
    case 51:
      return closed('toreassign', 100, 'reassigned by JEDI');
    case 55:
      return closed('taskdone', 100, 'killed since task is (almost) done');
    case 60:
      return closed(job.jobSubStatus, 100, 'closed by the pilot');
    default:
      return cancelled(100, `killed by ${who.dn}`);
  }
}

function cancelled(taskBufferErrorCode: number, taskBufferErrorDiag: string): JobChanges {
  return { jobStatus: 'cancelled', taskBufferErrorCode, taskBufferErrorDiag };
}

function closed(
  jobSubStatus: string | null,
  taskBufferErrorCode: number,
  taskBufferErrorDiag: string,
): JobChanges {
  return { jobStatus: 'closed', jobSubStatus, taskBufferErrorCode, taskBufferErrorDiag };
}
