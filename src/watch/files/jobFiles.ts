import { fileURLToPath } from 'node:url';
import { isAbort, PandaError } from '../../panda/index.ts';
import type { FilesApi, JobRecord, MonitorApi, MonitorFile, StagingSettings } from '../../panda/index.ts';
import type { LogFile } from '../api.ts';
import { pilotLogUrl, urlBeside } from '../log/findLog.ts';
import { asUsable, byName, stagedFiles } from './stagedFiles.ts';
import { asNotFound, stagedJob } from './stagedJob.ts';
import type { StagedJob, StagingAccess } from './stagedJob.ts';

/** One file that a job left, or that it was given. */
export interface JobFile {
  /** Below the job's folder, `/` between folders. Leads out of no folder on any system, and shows as what it is. */
  readonly name: string;
  readonly kind: 'output' | 'log' | 'input';
  /** Bytes, as last heard; null where nobody says. */
  readonly size: number | null;
  /** Epoch milliseconds, UTC. */
  readonly modified: number | null;
  /** Where it is, for people: `https://…`, `s3://bucket/key` or `file://…`. Holds no secret. */
  readonly url: string;
  /** Adler-32, 8 hexadecimal digits, as the pilot or the wrapper told it; null where none did. */
  readonly adler32: string | null;
  /** 64 hexadecimal digits, as the wrapper told it. */
  readonly sha256: string | null;
  /** Where it is staged; undefined for what the monitor or the pilot shows. */
  readonly staged: StagedObjectPlace | undefined;
  /** For a file in the tarball of the log: that, and the name there. `url` is the tarball's. */
  readonly inside?: { readonly tarball: JobFile; readonly member: string };
}

export interface StagedObjectPlace {
  readonly settings: StagingSettings;
  readonly key: string;
}

export interface JobFileList {
  /** What the job left, by name. */
  readonly files: readonly JobFile[];
  /** What it was given where it is staged, below `inputs/`, by name. */
  readonly inputs: readonly JobFile[];
  /** How many there are besides, with names that cannot be used on a disk. */
  readonly unusable: number;
  /** Why some may be missing; null where all was told. */
  readonly trouble: Error | null;
}

/** The files of jobs, wherever they are. */
export interface JobFiles {
  /** `unpack` fetches the tarball of the log however large it is; else only a small one is looked into. */
  list(
    job: JobRecord,
    options?: { readonly signal?: AbortSignal; readonly unpack?: boolean },
  ): Promise<JobFileList>;
  /** Only those that are staged, which takes no monitor; undefined for a job that is staged nowhere. */
  staged(job: JobRecord, options?: { readonly signal?: AbortSignal }): Promise<JobFileList | undefined>;
  /** Bytes `[from, from+length)`, at most 16 MB, and the size of the whole. Rejects `notFound` when it is gone. */
  read(
    file: JobFile,
    from: number,
    length: number,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly bytes: Uint8Array; readonly size: number }>;
  /** What others can open it with: its URL, good for an hour where it is signed (and then a secret), or a path. */
  address(file: JobFile, options?: { readonly signal?: AbortSignal }): Promise<string>;
}

/** What is needed of a `PandaClient`. */
export interface JobFilesClient {
  readonly files: Pick<FilesApi, 'readRange'>;
  readonly monitor: Pick<MonitorApi, 'filesOfJob'> | undefined;
}

/**
 * Files as the monitor's file browser lists them, or where it cannot, the logs that lie beside the pilot's; together with
 * those that are staged. Of two with one name the pilot's counts, as with logs.
 */
export function createJobFiles(client: JobFilesClient, staging: StagingAccess): JobFiles {
  return {
    list: (job, options = {}) => list(client, job, stagedJob(job, staging), options),
    async staged(job, options = {}) {
      const place = stagedJob(job, staging);
      return place === undefined ? undefined : stagedFiles(place, options);
    },
    async read({ url, staged }, from, length, options) {
      if (staged === undefined) return client.files.readRange(url, from, length, options);
      const store = staging.stores.open(staged.settings);
      return store.readRange(staged.key, from, length, options).catch((error: unknown) => {
        throw asNotFound(error);
      });
    },
    async address({ url, staged }, options) {
      if (staged === undefined) return url;
      if (staged.settings.kind === 'folder') return fileURLToPath(url);
      const store = staging.stores.open(staged.settings);
      return (await store.presign('GET', staged.key, ADDRESS_SECONDS, options)).url;
    },
  };
}

/** For how long (s) an address is good that had to be signed. */
const ADDRESS_SECONDS = 3600;

async function list(
  client: JobFilesClient,
  job: JobRecord,
  place: StagedJob | undefined,
  options: { readonly signal?: AbortSignal },
): Promise<JobFileList> {
  if (place === undefined) return fromPilot(client, job, options);
  const [pilot, staged] = await Promise.allSettled([
    fromPilot(client, job, options),
    stagedFiles(place, options),
  ]);
  options.signal?.throwIfAborted();
  if (staged.status === 'rejected') {
    if (pilot.status === 'rejected') throw pilot.reason;
    const { reason } = staged as { readonly reason: unknown };
    return { ...pilot.value, trouble: reason instanceof Error ? reason : new Error(String(reason)) };
  }
  // What the monitor cannot show is staged anyway.
  if (pilot.status === 'rejected') return staged.value;
  const { inputs, trouble } = staged.value;
  const files = byName([...staged.value.files, ...pilot.value.files]);
  return { files, inputs, unusable: pilot.value.unusable + staged.value.unusable, trouble };
}

async function fromPilot(
  client: JobFilesClient,
  job: JobRecord,
  options: { readonly signal?: AbortSignal },
): Promise<JobFileList> {
  const found = await listFiles(client, job, options);
  const named = found.flatMap((file) => {
    const name = usableName(file);
    return name === undefined ? [] : [jobFile(job, name, file)];
  });
  return { files: byName(named), inputs: [], unusable: found.length - named.length, trouble: null };
}

async function listFiles(
  client: JobFilesClient,
  job: JobRecord,
  options: { readonly signal?: AbortSignal },
): Promise<readonly MonitorFile[]> {
  const pilotLog = pilotLogUrl(job);
  if (client.monitor === undefined)
    return pilotLog === undefined ? [] : logsBeside(client, pilotLog, job, options);
  try {
    return await client.monitor.filesOfJob(job.PandaID, options);
  } catch (error) {
    if (isAbort(error) || pilotLog === undefined) throw error;
    return logsBeside(client, pilotLog, job, options);
  }
}

const LOGS: readonly LogFile[] = ['payload.stdout', 'payload.stderr', 'pilotlog.txt'];

async function logsBeside(
  client: JobFilesClient,
  pilotLog: string,
  job: JobRecord,
  options: { readonly signal?: AbortSignal },
): Promise<readonly MonitorFile[]> {
  const tarballs = job.files.flatMap(({ type, lfn }) => (type === 'log' && lfn !== null ? [lfn] : []));
  const found = await Promise.all(
    [...LOGS, ...tarballs].map(async (name): Promise<MonitorFile | undefined> => {
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
  return asUsable([...folder.split('/').filter((part) => part !== ''), name].join('/'));
}

function jobFile({ files, jobName }: JobRecord, name: string, { size, modified, url }: MonitorFile): JobFile {
  const checksum = files.find(({ lfn }) => lfn === name)?.checksum ?? '';
  const adler32 = /^ad:([0-9a-f]{8})$/i.exec(checksum)?.[1]?.toLowerCase() ?? null;
  const kind = jobName !== null && jobName !== '' && name.startsWith(`${jobName}.`) ? 'output' : 'log';
  return { name, kind, size, modified, url, adler32, sha256: null, staged: undefined };
}
