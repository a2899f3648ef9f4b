import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withLockFile } from '../../panda/index.ts';
import type { Clock } from '../api.ts';
import { waitFor } from '../clock.ts';
import { errorCode, fileTrouble, SubmissionError } from '../submission/error.ts';
import { timeOfId } from '../submission/journal.ts';
import type { JournalProblem } from '../submission/journal.ts';
import { systemProcesses } from '../submission/owner.ts';
import { isOfSomebodyElse } from '../submission/person.ts';
import type { ProcessTable } from '../submission/owner.ts';
import { parseTaskNote } from './note.ts';
import type { TaskNote } from './note.ts';

/** A note larger than this (bytes) is not ours: 50,000 addresses of files take about 10 MB. */
const LARGEST = 64 * 1024 * 1024;
const FILE_NAME = /^([a-z0-9]{10})\.json$/;
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface TaskEntry {
  readonly note: TaskNote;
  /** The process that works on it lives. */
  readonly isRunning: boolean;
}

/**
 * Tasks submitted from this machine, noted before they are sent: `<folder>/<profile>/<submission id>.json`, readable by
 * their owner only. Each change replaces the file as a whole. Methods that write reject with SubmissionError. What another
 * person submitted, as whom the profile was used, is neither listed nor taken over.
 */
export interface TaskJournal {
  readonly folder: string;
  /** Notes a task down, owned by this process; resolves when it is on disk. Undefined where the id is taken. */
  begin(note: Omit<TaskNote, 'owner'>): Promise<TaskNote | undefined>;
  /** Takes a task over from a process that ended; undefined where one works on it, or there is none. */
  claim(profile: string, id: string): Promise<TaskNote | undefined>;
  /** By the owner, who gives it up with that. */
  settle(note: TaskNote, outcome: TaskNote['outcome']): Promise<TaskNote>;
  /** Nothing was sent, and nobody is to be asked about it. Never rejects. */
  discard(note: TaskNote): Promise<void>;
  /** Undefined where there is none, or its file cannot be used. */
  read(profile: string, id: string): Promise<TaskEntry | undefined>;
  /** The oldest first. */
  list(
    profile: string,
    options?: { readonly since?: number },
  ): Promise<{ readonly entries: readonly TaskEntry[]; readonly problems: readonly JournalProblem[] }>;
  /** Removes everything of a profile, as for a sandbox that was reset. */
  clear(profile: string): Promise<void>;
}

export interface TaskJournalOptions {
  readonly clock: Clock;
  readonly processes?: ProcessTable;
  /** As PanDA calls who the profile is used as; undefined: everybody's tasks are theirs. */
  readonly user?: string | undefined;
}

export function createTaskJournal(folder: string, options: TaskJournalOptions): TaskJournal {
  return new TaskFiles(folder, options);
}

class TaskFiles implements TaskJournal {
  readonly folder: string;
  readonly #clock: Clock;
  readonly #processes: ProcessTable;
  readonly #user: string | undefined;

  constructor(folder: string, { clock, processes, user }: TaskJournalOptions) {
    this.folder = folder;
    this.#clock = clock;
    this.#processes = processes ?? systemProcesses(() => clock.now());
    this.#user = user;
  }

  async begin(note: Omit<TaskNote, 'owner'>): Promise<TaskNote | undefined> {
    const file = this.#fileOf(note);
    try {
      await mkdir(this.#folderOf(note.profile), { recursive: true, mode: 0o700 });
      if (!(await takeName(file))) return undefined;
      return await this.#write({ ...note, owner: await this.#newOwner() });
    } catch (error) {
      throw cannotWrite(file, error, 'Nothing was sent.');
    }
  }

  async claim(profile: string, id: string): Promise<TaskNote | undefined> {
    if ((await this.read(profile, id)) === undefined) return undefined;
    const file = this.#fileOf({ profile, id });
    const clock = this.#clock;
    const tools = {
      now: () => clock.now(),
      delay: (ms: number, signal: AbortSignal | undefined) => waitFor(clock, ms, signal),
    };
    try {
      return await withLockFile(`${file}.lock`, tools, undefined, async () => {
        const entry = await this.read(profile, id);
        if (entry === undefined || entry.isRunning) return undefined;
        if (isOfSomebodyElse(entry.note, this.#user)) return undefined;
        return this.#write({ ...entry.note, owner: await this.#newOwner() });
      });
    } catch (error) {
      throw cannotWrite(file, error, 'Nothing was done.');
    }
  }

  async settle(note: TaskNote, outcome: TaskNote['outcome']): Promise<TaskNote> {
    try {
      return await this.#write({ ...note, outcome, owner: null });
    } catch (error) {
      throw cannotWrite(this.#fileOf(note), error, '');
    }
  }

  async discard(note: TaskNote): Promise<void> {
    await rm(this.#fileOf(note), { force: true }).catch(() => undefined);
  }

  async read(profile: string, id: string): Promise<TaskEntry | undefined> {
    return FILE_NAME.test(`${id}.json`) ? this.#entry(profile, id).catch(() => undefined) : undefined;
  }

  async list(profile: string, { since = 0 }: { readonly since?: number } = {}) {
    const entries: TaskEntry[] = [];
    const problems: JournalProblem[] = [];
    for (const id of await idsIn(this.#folderOf(profile))) {
      if (timeOfId(id) < since) continue;
      try {
        const entry = await this.#entry(profile, id);
        if (entry !== undefined && !isOfSomebodyElse(entry.note, this.#user)) entries.push(entry);
      } catch (error) {
        if (errorCode(error) === 'ENOENT') continue;
        problems.push({ file: this.#fileOf({ profile, id }), message: why(error) });
      }
    }
    return { entries, problems };
  }

  clear(profile: string): Promise<void> {
    return rm(this.#folderOf(profile), { recursive: true, force: true });
  }

  async #entry(profile: string, id: string): Promise<TaskEntry | undefined> {
    const { text, lastWrite } = await readText(this.#fileOf({ profile, id }));
    // Only the name was taken when its process ended: nothing was sent.
    if (text === '') return undefined;
    const note = parseTaskNote(text);
    if (note?.id !== id || note.profile !== profile) throw new Error('it does not tell of this task');
    const isRunning = note.owner !== null && (await this.#processes.isAlive(note.owner, lastWrite));
    return { note, isRunning };
  }

  async #write(note: TaskNote): Promise<TaskNote> {
    await replaceFile(this.#fileOf(note), JSON.stringify(note));
    return note;
  }

  async #newOwner() {
    return { ...(await this.#processes.self()), token: randomUUID() };
  }

  /** A profile's name as one folder name, whatever is in it. */
  #folderOf(profile: string): string {
    return join(this.folder, encodeURIComponent(profile).replaceAll('.', '%2E').replaceAll('*', '%2A'));
  }

  #fileOf({ profile, id }: Pick<TaskNote, 'profile' | 'id'>): string {
    return join(this.#folderOf(profile), `${id}.json`);
  }
}

async function takeName(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Whole or not at all, and on disk when it resolves. */
async function replaceFile(file: string, text: string): Promise<void> {
  const underway = `${file}.${randomUUID()}`;
  try {
    const handle = await open(underway, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(underway, file);
  } catch (error) {
    await rm(underway, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function readText(file: string): Promise<{ readonly text: string; readonly lastWrite: number }> {
  const handle = await open(file, READ_ONLY);
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new Error('it is not a regular file');
    if (facts.size > LARGEST) throw new Error('it is too large for a note of a task');
    return { text: await handle.readFile('utf8'), lastWrite: facts.mtimeMs };
  } finally {
    await handle.close();
  }
}

async function idsIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).flatMap((name) => FILE_NAME.exec(name)?.[1] ?? []).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    const [cause, advice] = fileTrouble(error);
    throw new SubmissionError(`Could not read the notes of tasks in ${folder}: ${cause}.`, advice, {
      cause: error,
    });
  }
}

function cannotWrite(file: string, error: unknown, consequence: string): SubmissionError {
  const [cause, advice] = fileTrouble(error);
  const message = `Could not note the task down in ${file}: ${cause}. ${consequence}`.trim();
  return new SubmissionError(message, advice, { cause: error });
}

function why(error: unknown): string {
  return errorCode(error) === '' && error instanceof Error ? error.message : fileTrouble(error)[0];
}
