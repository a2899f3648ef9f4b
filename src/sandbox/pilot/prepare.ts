import { chmod, mkdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, type Desk, type Ending, type PilotContext } from './desk.ts';
import { DownloadError } from './http.ts';
import { PILOT_ERROR, type PilotError } from './outcome.ts';
import { badFileName, SECRETS, type PilotJob } from './pilotJob.ts';
import { removeFolder } from './stageOut.ts';

export type Prepared =
  | { readonly kind: 'ready'; readonly command: string }
  | { readonly kind: 'failed'; readonly error: PilotError }
  /** The pilot was told to stop first: the job is left as it is. */
  | { readonly kind: 'left' };

/** Gets a job ready to run: checks its names and the disk, makes its work folder, fetches its transformation. */
export async function prepare(desk: Desk, context: PilotContext, ending: Ending): Promise<Prepared> {
  const { job, files } = desk;
  const fault = findFault(job) ?? (await lackOfSpace(context));
  if (fault !== undefined) return { kind: 'failed', error: fault };
  try {
    // A pilot that ended here before may have left half of it.
    await removeFolder(files.workFolder);
    await mkdir(files.workFolder, { mode: 0o700 });
    await mkdir(join(files.workFolder, 'tmp'), { mode: 0o700 });
  } catch (error) {
    const { code, diag } = fileError(error, 'make the work folder');
    const own = code === PILOT_ERROR.fileHandling ? PILOT_ERROR.mkdirFailed : code;
    return { kind: 'failed', error: { code: own, diag } };
  }
  const fetched = await fetchTransformation(desk, context, ending);
  return fetched.kind === 'ready' ? ((await giveSecrets(desk)) ?? fetched) : fetched;
}

/** What makes a job unfit to run at all. */
function findFault(job: PilotJob): PilotError | undefined {
  const names = [...job.outputs, ...(job.log === null ? [] : [job.log.lfn])];
  for (const name of names) {
    const fault = badFileName(name);
    if (fault !== undefined) return { code: PILOT_ERROR.badOutputName, diag: `Output file ${fault}` };
  }
  if (job.jobParameters.includes('\0')) {
    return { code: PILOT_ERROR.badArguments, diag: 'Job parameters hold a NUL character' };
  }
  return undefined;
}

async function lackOfSpace({ layout, settings }: PilotContext): Promise<PilotError | undefined> {
  return spaceError(await freeMB(layout.workFolder), settings.freeDiskStartMB);
}

/** The error of a disk with less space than needed, MB. */
export function spaceError(free: number, needed: number): PilotError | undefined {
  if (free >= needed) return undefined;
  return {
    code: PILOT_ERROR.noLocalSpace,
    diag: `Not enough space on the disk of the sandbox: ${free} MB free, ${needed} MB needed`,
  };
}

export async function freeMB(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Math.floor((bavail * bsize) / 1024 ** 2);
}

async function fetchTransformation(desk: Desk, context: PilotContext, ending: Ending): Promise<Prepared> {
  const { job, files, log } = desk;
  const name = transformationFile(job.transformation);
  const path = join(files.workFolder, name);
  try {
    log.line(`Fetching the transformation: ${job.transformation}`);
    const signal = AbortSignal.any([ending.signal, context.stopping]);
    await context.http.download(job.transformation, path, signal);
  } catch (error) {
    if (ending.reason !== undefined) return { kind: 'failed', error: ending.reason };
    if (context.stopping.aborted) return { kind: 'left' };
    return { kind: 'failed', error: downloadError(error, job.transformation) };
  }
  try {
    await chmod(path, 0o700);
  } catch (error) {
    const diag = fileError(error, 'make the transformation executable').diag;
    return { kind: 'failed', error: { code: PILOT_ERROR.chmodFailed, diag } };
  }
  return { kind: 'ready', command: `./${name} ${job.jobParameters}` };
}

/** Puts the secrets of the job's owner where its payload looks for them; undefined where nothing is wrong. */
async function giveSecrets({ job, files, log }: Desk): Promise<Prepared | undefined> {
  // Notes of an older pilot have none.
  if (typeof job.secrets !== 'string') return undefined;
  try {
    await writeFile(join(files.workFolder, SECRETS), job.secrets, { flag: 'wx', mode: 0o600 });
    log.line(`The secrets of the user are in ${SECRETS}`);
    return undefined;
  } catch (error) {
    return { kind: 'failed', error: fileError(error, `write ${SECRETS}`) };
  }
}

function downloadError(error: unknown, url: string): PilotError {
  const reason = error instanceof Error ? error.message : String(error);
  const absent = error instanceof DownloadError && error.absent;
  return {
    code: absent ? PILOT_ERROR.transformationNotFound : PILOT_ERROR.transformationDownload,
    diag: `Could not fetch the transformation ${url}: ${reason}`,
  };
}

/** The name a transformation gets in the work folder: the last part of its URL, with nothing a shell could mistake. */
export function transformationFile(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  const name = (path.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9._-]/gu, '_').slice(-100);
  return /[A-Za-z0-9]/u.test(name) ? name : 'transformation';
}
