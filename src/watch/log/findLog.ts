import { isFinal } from '../../panda/index.ts';
import type { FilesApi, JobRecord, MonitorApi } from '../../panda/index.ts';
import type { FindLog, LogSource } from '../api.ts';
import { debugLog, isDebugged } from './debugLog.ts';
import type { JobFiles } from '../files/jobFiles.ts';
import { stagedJob } from '../files/stagedJob.ts';
import type { StagingAccess } from '../files/stagedJob.ts';
import { firstFound, stagedLog } from './stagedLog.ts';
import { logAmongFiles } from '../files/tarballFiles.ts';

/** What is needed of a `PandaClient`. */
export interface LogClient {
  readonly files: Pick<FilesApi, 'readRange'>;
  readonly monitor?: Pick<MonitorApi, 'debugTail'> | undefined;
}

/**
 * Finds logs the way pilots leave them: `pilotID` begins with the URL of the pilot's own log, up to a bar; the payload's
 * logs lie beside it. What a pilot does not show is looked for where the job is staged, then among the job's files: in the
 * monitor's file browser, and in the tarball of the log. Last comes what the monitor shows of a job in debug mode.
 */
export function findLog(
  client: LogClient,
  staging?: StagingAccess,
  files?: Pick<JobFiles, 'list' | 'read'>,
): FindLog {
  return (record) => {
    const head = pilotLogUrl(record);
    // Before that there is nothing, and nobody need look.
    const staged =
      staging === undefined || record.startTime === null ? undefined : stagedJob(record, staging);
    const sources = [
      ...(head === undefined ? [] : [sourceBeside(client, head)]),
      ...(staged === undefined ? [] : [stagedLog(staged)]),
      // Only what has ended has its log packed and unpacked there.
      ...(files === undefined || record.startTime === null || !isFinal(record.jobStatus)
        ? []
        : [logAmongFiles(files, record)]),
      ...(client.monitor !== undefined && isDebugged(record) ? [debugLog(client.monitor, record)] : []),
    ];
    return sources.length > 1 ? firstFound(sources) : sources[0];
  };
}

/** Where the pilot said that its own log is. */
export function pilotLogUrl({ pilotID }: Pick<JobRecord, 'pilotID'>): string | undefined {
  const head = pilotID?.split('|', 1)[0]?.trim() ?? '';
  return /^https?:\/\//iu.test(head) && URL.canParse(head) ? head : undefined;
}

function sourceBeside(client: LogClient, pilotLog: string): LogSource {
  return {
    async read(file, from, length, options = {}) {
      const { bytes, size } = await client.files.readRange(urlBeside(pilotLog, file), from, length, options);
      return { from, bytes, size };
    },
  };
}

/** The address of another log beside it; the pilot's own may have another name there, as where harvester keeps it. */
export function urlBeside(pilotLog: string, file: string): string {
  const url = new URL(pilotLog);
  url.hash = '';
  const isOwn = file === 'pilotlog.txt' && !/\/(?:payload\.[^/]*)?$/u.test(url.pathname);
  if (!isOwn) url.pathname = url.pathname.replace(/[^/]*$/u, () => encodeURIComponent(file));
  return url.href;
}
