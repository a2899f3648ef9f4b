import { lstat, mkdir, open, readdir, realpath, rename, rmdir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { waitFor } from '../../watch/index.ts';
import type { Clock } from '../../watch/index.ts';
import { jobSubmissionException } from '../rmi/index.ts';
import { isBelow, nameBelow } from './paths.ts';

/** What is to be in a job's directory before it is submitted. */
export interface DirectoryPlan {
  /** Absolute. */
  readonly directory: string;
  /** Directories outside of it are never touched, whatever links there are. */
  readonly root: string;
  /** Where what is there already is moved to, below `archive`; null: it stays. */
  readonly archive: string | null;
  readonly files: ReadonlyMap<string, string>;
  /** Files that are there already are replaced, as they are our own of an earlier attempt, or an operator wants it. */
  readonly replace: boolean;
  /** Files are on the disk when it is prepared, as others rely on them. */
  readonly flush: boolean;
}

/** Undoes what was done, last things first. */
export interface PreparedDirectory {
  undo(): Promise<void>;
}

/** Pauses (ms) before a directory that could not be made is tried again. */
const PAUSES = [1000, 2000, 4000, 8000] as const;

/**
 * Makes a job's directory as job control services always did: made with its parents, old things moved to its archive,
 * files written. `onWriting` is told when the archive is done, and waited for. Rejects with a JobSubmissionException, everything undone.
 */
export async function prepareDirectory(
  plan: DirectoryPlan,
  clock: Clock,
  onWriting: () => Promise<void>,
): Promise<PreparedDirectory> {
  if (plan.archive !== null && plan.archive !== '' && nameBelow(plan.archive) === undefined) {
    throw jobSubmissionException(
      `The archive leads out of the working directory: ${JSON.stringify(plan.archive)}`,
    );
  }
  const undoing: (() => Promise<void>)[] = [];
  const undo = async (): Promise<void> => {
    for (const step of undoing.splice(0).reverse()) await step().catch(() => undefined);
  };
  try {
    const existed = await makeDirectory(plan, clock, undoing);
    if (existed && plan.archive !== null) await archive(plan.directory, plan.archive, undoing);
    await onWriting();
    for (const [name, text] of plan.files) await writeNew(plan, name, text, undoing);
    return { undo };
  } catch (error) {
    await undo();
    throw error;
  }
}

type Undoing = (() => Promise<void>)[];

/** Whether it was there already. */
async function makeDirectory(
  { directory, root }: DirectoryPlan,
  clock: Clock,
  undoing: Undoing,
): Promise<boolean> {
  const missing: string[] = [];
  for (let path = directory; isBelow(root, path) && (await kindOf(path)) === 'none'; path = dirname(path)) {
    missing.push(path);
  }
  for (const path of missing) undoing.unshift(() => rmdir(path));
  let trouble: unknown;
  for (const pause of [0, ...PAUSES]) {
    await waitFor(clock, pause, undefined);
    try {
      await mkdir(directory, { recursive: true, mode: 0o755 });
      trouble = undefined;
      break;
    } catch (error) {
      trouble = error;
      // Another try makes no folder of a file.
      if (codeOf(error) === 'ENOTDIR' || codeOf(error) === 'EEXIST') break;
    }
  }
  if (trouble !== undefined) {
    throw jobSubmissionException(`Could not create working directory ${directory} (${codeOf(trouble)})`);
  }
  if (!isBelow(await realpath(root), await realpath(directory))) {
    throw jobSubmissionException(`The working directory ${directory} leads out of ${root}`);
  }
  return missing.length === 0;
}

/** Moves everything but archives into `archive/<name>`. */
async function archive(directory: string, name: string, undoing: Undoing): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  const old = entries.filter((entry) => !(entry.isDirectory() && entry.name.startsWith('archive')));
  if (old.length === 0) return;
  const target = join(directory, 'archive', name);
  try {
    await mkdir(target, { recursive: true, mode: 0o755 });
    undoing.push(() => rmdir(join(directory, 'archive')));
    undoing.push(() => rmdir(target));
    // A link may stand in the place of a folder.
    if (!isBelow(await realpath(directory), await realpath(target))) throw new Error('it leads out');
    for (const entry of old) {
      const [from, to] = [join(directory, entry.name), join(target, entry.name)];
      if ((await kindOf(to)) !== 'none') throw Object.assign(new Error(), { code: 'EEXIST' });
      await rename(from, to);
      undoing.push(() => rename(to, from));
    }
  } catch (error) {
    throw jobSubmissionException(`Could not move file to archive directory: ${target} (${codeOf(error)})`);
  }
}

/** Written beside and moved into place, so that no half a file is ever there. */
async function writeNew(plan: DirectoryPlan, name: string, text: string, undoing: Undoing): Promise<void> {
  const path = join(plan.directory, name);
  const kind = await kindOf(path);
  if (kind === 'directory') throw jobSubmissionException(`${path} is a directory, not replaced`);
  if (kind !== 'none' && !plan.replace)
    throw jobSubmissionException(`File ${path} already exists, not replaced`);
  const part = `${path}.part`;
  try {
    if (dirname(path) !== plan.directory) await makeFolder(plan, dirname(path));
    undoing.push(() => unlink(part));
    const file = await openNew(part);
    try {
      await file.writeFile(text);
      if (plan.flush) await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
    undoing.push(() => unlink(path));
  } catch (error) {
    throw jobSubmissionException(`Could not write ${path} (${codeOf(error)})`);
  }
}

/** Of a file whose name has folders in it. */
async function makeFolder(plan: DirectoryPlan, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  if (!isBelow(await realpath(plan.directory), await realpath(folder))) throw new Error('it leads out');
}

/** What an attempt before left half written is in the way. */
async function openNew(part: string): Promise<FileHandle> {
  try {
    return await open(part, 'wx', 0o644);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    await unlink(part);
    return open(part, 'wx', 0o644);
  }
}

async function kindOf(path: string): Promise<'none' | 'directory' | 'other'> {
  try {
    return (await lstat(path)).isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return 'none';
    throw jobSubmissionException(`Could not look at ${path} (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
