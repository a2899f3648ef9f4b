import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { PandaError } from '../../panda/index.ts';
import { StagingError } from '../../staging/index.ts';
import type { JobFile, JobFileList, LogFile } from '../../watch/index.ts';
import { fileNotFoundException, jobControlException, securityException } from '../rmi/index.ts';
import type { JavaThrowable, JobFileName } from '../rmi/index.ts';
import type { PandaAccount } from './account.ts';
import type { JournalJob, ServiceJournal } from './journal.ts';
import { isBelow, nameBelow } from './paths.ts';

/** A file of a job, wherever it is. */
export interface OpenedFile {
  /** Bytes `[from, from+length)`, fewer at its end. */
  read(from: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface JobFileDeps {
  readonly user: string;
  readonly account: PandaAccount;
  readonly journal: ServiceJournal;
}

/** The file whose first line is to be the id that the pipeline names. */
const SPID_FILE = 'pipeline_spid';

/**
 * Opens a file of a job: in its directory on this machine, else among what it left at PanDA, where the log file is what it
 * printed. Rejects with a FileNotFoundException where it is in neither, or with the JobControlException of an access that is
 * not allowed.
 */
export async function openJobFile(
  { spId, workingDirectory, name }: JobFileName,
  deps: JobFileDeps,
  signal: AbortSignal,
): Promise<OpenedFile> {
  const plain = nameBelow(name ?? '');
  if (plain === undefined) throw invalid('The filename is invalid');
  const job = await permittedJob(spId ?? '', workingDirectory, deps);
  const file = await openFileOf(job, plain, deps, signal);
  if (file !== undefined) return file;
  throw fileNotFoundException('Summary file does not exist.');
}

/** The same for whoever need not ask; undefined where the file is in neither place. */
export async function openFileOf(
  job: JournalJob,
  name: string,
  deps: JobFileDeps,
  signal: AbortSignal,
): Promise<OpenedFile | undefined> {
  return (await openBelow(job.directory, name)) ?? openRemote(job, name, deps, signal);
}

function invalid(why: string): JavaThrowable {
  return jobControlException('Unable to validate access to file', securityException(why));
}

/** The job whose id and working directory are named; a job that left word of its id is asked for by that only. */
async function permittedJob(
  spId: string,
  workingDirectory: string | null,
  { journal, user }: JobFileDeps,
): Promise<JournalJob> {
  const instance = /^\d{1,19}:(\d{1,19})$/.exec(spId)?.[1];
  if (instance === undefined) throw invalid('The spid is invalid');
  const jobs = journal.ofInstance(user, String(BigInt(instance)));
  const wanted = plainFolder(workingDirectory);
  const job = jobs.find((one) => plainFolder(one.workingDirectory) === wanted);
  if (job === undefined) throw invalid('The spid is invalid');
  const spid = await openBelow(job.directory, SPID_FILE);
  if (spid === undefined) return job;
  try {
    const [line] = Buffer.from(await spid.read(0, 200))
      .toString()
      .split(/\r?\n/, 1);
    if (line?.trim() === spId) return job;
  } finally {
    await spid.close();
  }
  throw invalid('The spid is invalid');
}

function plainFolder(path: string | null): string | null {
  return path === null || path === '' ? null : normalize(path).replace(/(.)\/+$/u, '$1');
}

/** Undefined where there is no such file; rejects where links lead out of the directory. */
async function openBelow(directory: string, name: string): Promise<OpenedFile | undefined> {
  let file: FileHandle;
  try {
    const [folder, path] = await Promise.all([realpath(directory), realpath(join(directory, name))]);
    if (!isBelow(folder, path)) throw invalid('The filename is invalid');
    // A pipe would never end to be opened.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if (!(await file.stat()).isFile()) {
    await file.close();
    return undefined;
  }
  return {
    async read(from, length) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

async function openRemote(
  job: JournalJob,
  name: string,
  { account }: JobFileDeps,
  signal: AbortSignal,
): Promise<OpenedFile | undefined> {
  if (job.pandaId === null) return undefined;
  const { client, jobFiles, findLog } = account;
  const [record] = await client.jobs.describe([job.pandaId], { signal, archive: true });
  if (record === undefined || record === null) return undefined;
  const close = (): Promise<void> => Promise.resolve();
  const log = logNamed(name, job);
  const source = log === undefined ? undefined : findLog(record);
  if (log !== undefined && source !== undefined) {
    const read: OpenedFile['read'] = async (from, length) =>
      orNothing(async () => (await source.read(log, from, length)).bytes);
    if (await isThere(() => source.read(log, 0, 1, { signal }))) return { read, close };
  }
  const files = await filesOf(() => jobFiles.list(record, { signal }));
  const file =
    files.find((one) => one.name === name) ?? files.find((one) => one.name === `${job.jobName}.${name}`);
  if (file === undefined) return undefined;
  return { read: async (from, length) => (await jobFiles.read(file, from, length)).bytes, close };
}

const LOGS: readonly LogFile[] = ['payload.stdout', 'payload.stderr', 'pilotlog.txt'];

/** What the job printed is its log file to the pipeline. */
function logNamed(name: string, { logFile }: JournalJob): LogFile | undefined {
  return name === logFile ? 'payload.stdout' : LOGS.find((log) => log === name);
}

async function isThere(look: () => Promise<unknown>): Promise<boolean> {
  try {
    await look();
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** A job of which nobody knows files has none. */
async function filesOf(list: () => Promise<JobFileList>): Promise<readonly JobFile[]> {
  try {
    return (await list()).files;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** A log that went away while it was read has ended. */
async function orNothing(read: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await read();
  } catch (error) {
    if (isNotFound(error)) return new Uint8Array();
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return (error instanceof PandaError || error instanceof StagingError) && error.kind === 'notFound';
}
