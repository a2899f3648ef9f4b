import { isFinal } from '../panda/index.ts';
import type { JobRecord, MonitorJob } from '../panda/index.ts';
import type { JobUpdate } from './api.ts';

/** What the server's description says of a job. A cancel that was asked for but not seen there yet is left as it is. */
export function updateOfRecord(record: JobRecord): JobUpdate {
  const cancelling = record.commandToPilot === 'tobekilled' && !isFinal(record.jobStatus);
  return {
    pandaId: record.PandaID,
    ...(record.jobName === null ? {} : { jobName: record.jobName }),
    state: record.jobStatus,
    ...(cancelling ? { cancelRequested: true } : {}),
    site: record.computingSite,
    transformation: record.transformation,
    creationTime: record.creationTime,
    startTime: record.startTime,
    endTime: record.endTime,
    modificationTime: record.modificationTime,
    error: firstError(record),
    attempt: record.attemptNr ?? 0,
  };
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

/** The payload's own exit code tells most, then the pilot, then who watched over it. */
function firstError(record: JobRecord): string | null {
  const codes: readonly (readonly [string, string | number | null])[] = [
    ['trans', record.transExitCode],
    ['pilot', record.pilotErrorCode],
    ['exe', record.exeErrorCode],
    ['sup', record.supErrorCode],
    ['ddm', record.ddmErrorCode],
    ['brokerage', record.brokerageErrorCode],
    ['jobdispatcher', record.jobDispatcherErrorCode],
    ['taskbuffer', record.taskBufferErrorCode],
  ];
  const first = codes.find(([, code]) => code !== null && Number(code) !== 0);
  return first === undefined ? null : `${first[0]}:${first[1]}`;
}
