import { errorName, isFinal, jobErrors } from '../../panda/index.ts';
import type { JobRecord, MonitorJob } from '../../panda/index.ts';
import type { JobUpdate } from '../api.ts';

/** What the server's description says of a job. A cancel that was asked for but not seen there yet is left as it is. */
export function updateOfRecord(record: JobRecord): JobUpdate {
  // What a cancelled job reports is the cancel itself, no trouble worth a place in its row.
  const [error] = record.jobStatus === 'cancelled' ? [] : jobErrors(record);
  const cancelling = record.commandToPilot === 'tobekilled' && !isFinal(record.jobStatus);
  return {
    pandaId: record.PandaID,
    ...(record.jobName === null ? {} : { jobName: record.jobName }),
    taskId: taskOfRecord(record),
    state: record.jobStatus,
    ...(cancelling ? { cancelRequested: true } : {}),
    site: record.computingSite,
    transformation: record.transformation,
    creationTime: record.creationTime,
    startTime: record.startTime,
    endTime: record.endTime,
    modificationTime: record.modificationTime,
    error: error === undefined ? null : errorName(error),
    attempt: record.attemptNr ?? 0,
  };
}

/** Null for a job that was submitted as such. */
function taskOfRecord({ jediTaskID }: JobRecord): number | null {
  return jediTaskID === null || jediTaskID <= 0 ? null : jediTaskID;
}

/** The attempt of a task that a job says it follows, as the server notes where it tries a job again by itself. */
export function followedAttempt(record: JobRecord): readonly number[] {
  const { parentID, PandaID } = record;
  if (taskOfRecord(record) === null || parentID === null || parentID <= 0 || parentID === PandaID) return [];
  return [parentID];
}

/**
 * The first of all attempts at the work of a job of a task, itself perhaps: the task engine names them all after it,
 * `<task>.<PandaID>`. Undefined for others.
 */
export function firstAttempt(record: JobRecord): number | undefined {
  const { jobName, PandaID } = record;
  const first = Number(/\.(\d{1,16})$/u.exec(jobName ?? '')?.[1] ?? 0);
  return taskOfRecord(record) !== null && first > 0 && first <= PandaID ? first : undefined;
}

/** What the monitor's list says of a job that we do not know yet. */
export function updateOfMonitorJob(job: MonitorJob): JobUpdate {
  return {
    pandaId: job.pandaId,
    jobName: job.jobName,
    state: job.state,
    site: job.site,
    creationTime: job.creationTime,
    modificationTime: job.modificationTime,
  };
}
