import type { FilesApi, JobRecord } from '../panda/index.ts';
import type { FindLog, LogFile, LogSource } from './api.ts';

/** What is needed of a `PandaClient`. */
export interface LogClient {
  readonly files: Pick<FilesApi, 'readRange'>;
}

/**
 * Finds logs the way pilots leave them: `pilotID` begins with the URL of the pilot's own log, up to a bar; the payload's
 * logs lie beside it.
 */
export function findLog(client: LogClient): FindLog {
  return (record) => {
    const head = pilotLogUrl(record);
    return head === undefined ? undefined : sourceBeside(client, head);
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

/** The address of another log beside it. */
export function urlBeside(pilotLog: string, file: LogFile): string {
  const url = new URL(pilotLog);
  url.hash = '';
  url.pathname = url.pathname.replace(/[^/]*$/u, file);
  return url.href;
}
