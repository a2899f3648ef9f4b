import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, mkdir, open, readdir, rm, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestInput } from '../../staging/index.ts';
import { errorCode, fileTrouble, SubmissionError } from './error.ts';
import { isSettled, readJournal } from './file.ts';
import type { HeaderLine, JobLine, JournalLine, SubmissionOwner } from './lines.ts';
import { systemProcesses } from './owner.ts';
import { isOfSomebodyElse } from './person.ts';
import type { ProcessTable } from './owner.ts';
import type { StoredSubmission } from './state.ts';
import { createLineAppender, createWriter } from './writer.ts';
import type { SubmissionWriter } from './writer.ts';

/** A submission about to be sent. */
export type NewSubmission = Omit<HeaderLine, 'type' | 'version' | 'count' | 'owner'> & {
  /** Inputs of all its jobs, as they are staged. */
  readonly inputs?: readonly ManifestInput[];
  /** Gone through once. */
  readonly jobs: Iterable<NewSubmissionJob> & { readonly length: number };
};

export type NewSubmissionJob = Omit<JobLine, 'type'>;

/** A journal file that could not be used, and why. */
export interface JournalProblem {
  readonly file: string;
  readonly message: string;
}

/** `running`: its process lives; `interrupted`: that process died; `ended`: the process was done with it. */
export type SubmissionStatus = 'running' | 'interrupted' | 'ended';

export interface JournalEntry {
  readonly submission: StoredSubmission;
  readonly status: SubmissionStatus;
}

/**
 * What was submitted from this machine, written down before it is sent: one file of JSON lines per submission,
 * `<folder>/<profile>/<submission id>.jsonl`, readable by its owner only. Methods that write reject with SubmissionError.
 * What another person submitted, as whom the profile was used, is neither listed nor taken over.
 */
export interface SubmissionJournal {
  readonly folder: string;
  /**
   * Notes a submission down, owned by this process; resolves when it is on disk. Undefined when there is one of this id
   * already.
   */
  begin(submission: NewSubmission): Promise<SubmissionWriter | undefined>;
  /** Undefined when there is none, or its file cannot be used. */
  read(profile: string, id: string): Promise<JournalEntry | undefined>;
  /** The submissions of a profile since a time (epoch milliseconds; default all), oldest first. */
  list(
    profile: string,
    options?: { readonly since?: number },
  ): Promise<{ readonly entries: readonly JournalEntry[]; readonly problems: readonly JournalProblem[] }>;
  /** Only those that left something to find out: cheap however many there are. */
  unsettled(
    profile: string,
  ): Promise<{ readonly entries: readonly JournalEntry[]; readonly problems: readonly JournalProblem[] }>;
  /** Takes a submission over; undefined when another process has it, or it is not there. */
  claim(
    profile: string,
    id: string,
  ): Promise<{ readonly submission: StoredSubmission; readonly writer: SubmissionWriter } | undefined>;
  /** Removes everything of a profile, as for a sandbox that was reset. */
  clear(profile: string): Promise<void>;
}

export interface JournalOptions {
  /** As PanDA calls who the profile is used as; undefined: everybody's submissions are theirs. */
  readonly user?: string | undefined;
  readonly processes?: ProcessTable;
}

const FILE_NAME = /^([a-z0-9]{10})\.jsonl$/;
/** Lines written at a time, so that a large submission is not one huge string. */
const BATCH = 500;

export function createSubmissionJournal(folder: string, options: JournalOptions = {}): SubmissionJournal {
  const processes = options.processes ?? systemProcesses(Date.now);
  const folderOf = (profile: string): string => join(folder, profileFolder(profile));
  const fileOf = (profile: string, id: string): string => join(folderOf(profile), `${id}.jsonl`);
  const newOwner = async (): Promise<SubmissionOwner> => ({
    ...(await processes.self()),
    token: randomUUID(),
  });
  const collect = async (
    profile: string,
    wanted: (file: string, id: string) => boolean | Promise<boolean>,
  ) => {
    const entries: JournalEntry[] = [];
    const problems: JournalProblem[] = [];
    for (const id of await idsIn(folderOf(profile))) {
      const file = fileOf(profile, id);
      try {
        if (!(await wanted(file, id))) continue;
        const entry = await readEntry(file, profile, id, processes);
        if (entry === undefined) continue;
        if (!isOfSomebodyElse(entry.submission, options.user)) entries.push(entry);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') problems.push({ file, message: whyUnusable(error) });
      }
    }
    return { entries, problems };
  };
  const read: SubmissionJournal['read'] = async (profile, id) => {
    try {
      return isId(id) ? await readEntry(fileOf(profile, id), profile, id, processes) : undefined;
    } catch {
      return undefined;
    }
  };

  return {
    folder,
    read,
    begin: async (submission) =>
      beginFile(folder, folderOf(submission.profile), submission, await newOwner()),
    list: (profile, { since = 0 } = {}) => collect(profile, (_, id) => timeOfId(id) >= since),
    unsettled: (profile) => collect(profile, async (file) => !(await isSettled(file))),
    async claim(profile, id) {
      const before = await read(profile, id);
      if (before === undefined || before.status === 'running') return undefined;
      if (isOfSomebodyElse(before.submission, options.user)) return undefined;
      const owner = await newOwner();
      const { token } = before.submission.owner;
      return claimFile(fileOf(profile, id), { type: 'claim', replaces: token, owner }, () =>
        read(profile, id),
      );
    },
    clear: (profile) => rm(folderOf(profile), { recursive: true, force: true }),
  };
}

function isId(id: string): boolean {
  return FILE_NAME.test(`${id}.jsonl`);
}

/** Undefined for one whose process writes its first line just now, or died before that. */
async function readEntry(
  file: string,
  profile: string,
  id: string,
  processes: ProcessTable,
): Promise<JournalEntry | undefined> {
  const { submission, begun, lastWrite } = await readJournal(file);
  if (!begun) return undefined;
  if (submission === undefined) throw new Error('it has no readable first line');
  if (submission.id !== id || submission.profile !== profile) {
    throw new Error(`it tells of submission ${submission.id} of profile ${submission.profile}`);
  }
  if (submission.released) return { submission, status: 'ended' };
  const alive = await processes.isAlive(submission.owner, lastWrite);
  return { submission, status: alive ? 'running' : 'interrupted' };
}

/** Of two that claim at once, the order of their lines in the file decides, and both read the same order. */
async function claimFile(
  file: string,
  line: Extract<JournalLine, { type: 'claim' }>,
  read: () => Promise<JournalEntry | undefined>,
): Promise<{ submission: StoredSubmission; writer: SubmissionWriter } | undefined> {
  const handle = await openToAppend(file);
  try {
    const appender = createLineAppender(handle, await endsTorn(file));
    await appender.append([line]);
    const after = await read();
    if (after?.submission.owner.token === line.owner.token) {
      return { submission: after.submission, writer: createWriter(appender, file, line.owner.token) };
    }
  } catch (error) {
    await handle.close();
    throw cannotWrite(file, error);
  }
  await handle.close();
  return undefined;
}

/** Epoch milliseconds at which a submission id was made. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8), 36);
}

/** A profile's name as one folder name, whatever is in it. */
function profileFolder(profile: string): string {
  return encodeURIComponent(profile).replaceAll('.', '%2E').replaceAll('*', '%2A');
}

async function idsIn(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.flatMap((name) => FILE_NAME.exec(name)?.[1] ?? []).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    const [cause, advice] = fileTrouble(error);
    throw new SubmissionError(`Could not read the submissions in ${folder}: ${cause}.`, advice, {
      cause: error,
    });
  }
}

async function beginFile(
  root: string,
  folder: string,
  submission: NewSubmission,
  owner: SubmissionOwner,
): Promise<SubmissionWriter | undefined> {
  const file = join(folder, `${submission.id}.jsonl`);
  let handle: FileHandle | undefined;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await Promise.all([root, folder].map((path) => chmod(path, 0o700)));
    handle = await open(
      file,
      constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL,
      0o600,
    );
    const appender = createLineAppender(handle, false);
    const inFolder = syncFolder(folder);
    // Waited for below, also where the lines cannot be written.
    inFolder.catch(() => undefined);
    for (const lines of openingLines(submission, owner)) await appender.append(lines);
    await inFolder;
    return createWriter(appender, file, owner.token);
  } catch (error) {
    if (handle === undefined && errorCode(error) === 'EEXIST') return undefined;
    if (handle !== undefined) await discard(handle, file);
    throw cannotWrite(file, error);
  }
}

function* openingLines(submission: NewSubmission, owner: SubmissionOwner): Generator<JournalLine[]> {
  const { jobs, inputs = [], ...header } = submission;
  let batch: JournalLine[] = [{ type: 'submission', version: 1, ...header, count: jobs.length, owner }];
  for (let start = 0; start < inputs.length; start += BATCH) {
    yield [...batch, { type: 'inputs', inputs: inputs.slice(start, start + BATCH) }];
    batch = [];
  }
  for (const job of jobs) {
    batch.push({ type: 'job', ...job });
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield [...batch, { type: 'ready' }];
}

/** Nothing was sent yet: a journal that could not be written leaves no trace. */
async function discard(handle: FileHandle, file: string): Promise<void> {
  try {
    await handle.close();
    await unlink(file);
  } catch {
    // What stays is a submission of which nothing was sent, and it will be read as that.
  }
}

/** A new file survives a power cut only when its folder is on disk too. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(folder, constants.O_RDONLY);
  } catch {
    return; // Windows opens no folders and needs no such thing.
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openToAppend(file: string): Promise<FileHandle> {
  try {
    return await open(file, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW);
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

async function endsTorn(file: string): Promise<boolean> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    return bytesRead === 1 && buffer[0] !== 10;
  } finally {
    await handle.close();
  }
}

function cannotWrite(file: string, error: unknown): SubmissionError {
  const [cause, advice] = fileTrouble(error);
  const message = `Could not note the submission down in ${file}: ${cause}. Nothing was sent.`;
  return new SubmissionError(message, advice, { cause: error });
}

function whyUnusable(error: unknown): string {
  if (errorCode(error) === 'ELOOP') return 'it is a link, not a file';
  const [cause] = errorCode(error) === '' && error instanceof Error ? [error.message] : fileTrouble(error);
  return cause;
}
