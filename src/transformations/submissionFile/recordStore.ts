import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { formatRecord, parseRecord } from './record.ts';
import type { SubmissionRecord } from './record.ts';

/** The part of `node:fs/promises` that keeping records needs. */
export interface RecordFs {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  writeFile(path: string, text: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<{ readonly size: number; isFile(): boolean }>;
  readFile(path: string, encoding: 'utf8'): Promise<string>;
}

/** Below the folder that was submitted from. */
const RECORD_FOLDER = join('.panda', 'submissions');

const FILE_NAME = /^[a-z0-9]{10}\.yaml$/u;
/** A file larger than this (bytes) is no record: 100,000 jobs apart from each other take 2 MB. */
const LARGEST = 8 * 1024 * 1024;

/** Where the record of a submission is, or would be. */
export function recordPath(folder: string, id: string): string {
  const name = `${id}.yaml`;
  if (!FILE_NAME.test(name)) throw new RangeError(`${JSON.stringify(id)} is not a submission id`);
  return join(folder, RECORD_FOLDER, name);
}

/** The id of the submission whose record a path leads to; undefined for any other path. */
export function recordIdOf(path: string): string | undefined {
  return /[\\/]\.panda[\\/]submissions[\\/]([a-z0-9]{10})\.yaml$/u.exec(path)?.[1];
}

/** Writes a record, in place of an earlier one of the same submission; returns its path. */
export async function writeRecord(folder: string, record: SubmissionRecord, fs: RecordFs): Promise<string> {
  const path = recordPath(folder, record.id);
  await fs.mkdir(join(folder, RECORD_FOLDER), { recursive: true });
  // Whoever reads sees a whole record, even if this is the last thing that happens, or two write at once.
  const underway = `${path}.${randomUUID()}.new`;
  try {
    await fs.writeFile(underway, formatRecord(record));
    await fs.rename(underway, path);
  } catch (error) {
    // What hindered the writing may hinder this as well; only the first trouble tells.
    await fs.rm(underway, { force: true }).catch(() => undefined);
    throw error;
  }
  return path;
}

/** Ids of the records of a folder, newest first. Some of the files may turn out to be no records. */
async function recordIds(folder: string, fs: RecordFs): Promise<readonly string[]> {
  const names = await unlessMissing(fs.readdir(join(folder, RECORD_FOLDER)));
  // Ids begin with the time, so that their order is that of time.
  return (names ?? [])
    .filter((name) => FILE_NAME.test(name))
    .sort()
    .map((name) => name.slice(0, 10))
    .toReversed();
}

/** The newest records of a folder, newest first. Files that are none are left out. */
export async function readRecords(
  folder: string,
  fs: RecordFs,
  { most = Infinity }: { readonly most?: number } = {},
): Promise<readonly SubmissionRecord[]> {
  const records: SubmissionRecord[] = [];
  for (const id of await recordIds(folder, fs)) {
    if (records.length >= most) break;
    const record = await readRecord(folder, id, fs);
    if (record !== undefined) records.push(record);
  }
  return records;
}

/** One submission by its id. */
export async function readRecord(
  folder: string,
  id: string,
  fs: RecordFs,
): Promise<SubmissionRecord | undefined> {
  if (!FILE_NAME.test(`${id}.yaml`)) return undefined;
  const path = recordPath(folder, id);
  const facts = await unlessMissing(fs.stat(path));
  if (facts === undefined || !facts.isFile() || facts.size > LARGEST) return undefined;
  const record = parseRecord((await unlessMissing(fs.readFile(path, 'utf8'))) ?? '');
  return record?.id === id ? record : undefined;
}

/** The submission that a job belongs to, or that is a task, by the PandaID or the task's id; the newest records first. */
export async function findRecordOfJob(
  folder: string,
  wanted: number,
  fs: RecordFs,
): Promise<SubmissionRecord | undefined> {
  for (const id of await recordIds(folder, fs)) {
    const record = await readRecord(folder, id, fs);
    if (record?.taskId === wanted || record?.pandaIds.includes(wanted) === true) return record;
  }
  return undefined;
}

async function unlessMissing<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
