import { isAbort, PandaError } from '../panda/index.ts';
import type { FilesApi, JobRecord, MonitorApi, MonitorFile } from '../panda/index.ts';
import { checkName, StagingError } from '../staging/index.ts';
import type { LogFile } from './api.ts';
import { pilotLogUrl, urlBeside } from './findLog.ts';

/** One file that a job left. */
export interface JobFile {
  /** Below the job's folder, `/` between folders. Leads out of no folder on any system, and shows as what it is. */
  readonly name: string;
  /** Bytes, as last heard; null where nobody says. */
  readonly size: number | null;
  /** Epoch milliseconds, UTC. */
  readonly modified: number | null;
  readonly url: string;
  /** Adler-32, 8 hexadecimal digits, as the pilot told PanDA; null where it told none. */
  readonly adler32: string | null;
}

export interface JobFileList {
  /** By name. */
  readonly files: readonly JobFile[];
  /** How many there are besides, with names that cannot be used on a disk. */
  readonly unusable: number;
}

/** The files of jobs, wherever they are. */
export interface JobFiles {
  list(job: JobRecord, options?: { readonly signal?: AbortSignal }): Promise<JobFileList>;
  /** Bytes `[from, from+length)`, at most 16 MB, and the size of the whole. Rejects `notFound` when it is gone. */
  read(
    file: JobFile,
    from: number,
    length: number,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly bytes: Uint8Array; readonly size: number }>;
}

/** What is needed of a `PandaClient`. */
export interface JobFilesClient {
  readonly files: Pick<FilesApi, 'readRange'>;
  readonly monitor: Pick<MonitorApi, 'filesOfJob'> | undefined;
}

/** Files as the monitor's file browser lists them; where it cannot, the logs that lie beside the pilot's. */
export function monitorJobFiles(client: JobFilesClient): JobFiles {
  return {
    async list(job, options = {}) {
      const found = await listFiles(client, job, options);
      const named = found.flatMap((file) => {
        const name = usableName(file);
        return name === undefined ? [] : [jobFile(job, name, file)];
      });
      const byName = new Map(named.map((file) => [file.name, file]));
      const files = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      return { files, unusable: found.length - named.length };
    },
    read: ({ url }, from, length, options) => client.files.readRange(url, from, length, options),
  };
}

async function listFiles(
  client: JobFilesClient,
  job: JobRecord,
  options: { readonly signal?: AbortSignal },
): Promise<readonly MonitorFile[]> {
  const pilotLog = pilotLogUrl(job);
  if (client.monitor === undefined)
    return pilotLog === undefined ? [] : logsBeside(client, pilotLog, options);
  try {
    return await client.monitor.filesOfJob(job.PandaID, options);
  } catch (error) {
    if (isAbort(error) || pilotLog === undefined) throw error;
    return logsBeside(client, pilotLog, options);
  }
}

const LOGS: readonly LogFile[] = ['payload.stdout', 'payload.stderr', 'pilotlog.txt'];

async function logsBeside(
  client: JobFilesClient,
  pilotLog: string,
  options: { readonly signal?: AbortSignal },
): Promise<readonly MonitorFile[]> {
  const found = await Promise.all(
    LOGS.map(async (name): Promise<MonitorFile | undefined> => {
      const url = urlBeside(pilotLog, name);
      try {
        const { size } = await client.files.readRange(url, 0, 1, options);
        return { name, folder: '', size, modified: null, url };
      } catch (error) {
        if (error instanceof PandaError && error.kind === 'notFound') return undefined;
        throw error;
      }
    }),
  );
  return found.filter((file) => file !== undefined);
}

/** Undefined for a name that leads elsewhere, or hides what it is by characters that are not seen. */
function usableName({ folder, name }: MonitorFile): string | undefined {
  if (name.includes('/')) return undefined;
  const path = [...folder.split('/').filter((part) => part !== ''), name].join('/');
  if (/[\p{C}\u2028\u2029]/u.test(path)) return undefined;
  try {
    return checkName(path);
  } catch (error) {
    if (error instanceof StagingError) return undefined;
    throw error;
  }
}

function jobFile({ files }: JobRecord, name: string, { size, modified, url }: MonitorFile): JobFile {
  const checksum = files.find(({ lfn }) => lfn === name)?.checksum ?? '';
  const adler32 = /^ad:([0-9a-f]{8})$/i.exec(checksum)?.[1]?.toLowerCase() ?? null;
  return { name, size, modified, url, adler32 };
}
