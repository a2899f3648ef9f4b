import { join } from 'node:path';
import { formatRecord, parseRecord } from './record.ts';
import type { SubmissionRecord } from './record.ts';

/** The part of `node:fs/promises` that keeping records needs. */
export interface RecordFs {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  writeFile(path: string, text: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  readFile(path: string, encoding: 'utf8'): Promise<string>;
}

/** Below the folder that was submitted from. */
export const RECORD_FOLDER = join('.panda', 'submissions');

const FILE_NAME = /^[a-z0-9]{10}\.yaml$/u;

/** Writes a record, in place of an earlier one of the same submission; returns its path. */
export async function writeRecord(folder: string, record: SubmissionRecord, fs: RecordFs): Promise<string> {
  const name = `${record.id}.yaml`;
  if (!FILE_NAME.test(name)) throw new RangeError(`${JSON.stringify(record.id)} is not a submission id`);
  const path = join(folder, RECORD_FOLDER, name);
  await fs.mkdir(join(folder, RECORD_FOLDER), { recursive: true });
  // Whoever reads sees a whole record, even if this is the last thing that happens.
  await fs.writeFile(`${path}.new`, formatRecord(record));
  await fs.rename(`${path}.new`, path);
  return path;
}

/** The records of a folder, oldest first. Files that are none are left out. */
export async function readRecords(folder: string, fs: RecordFs): Promise<readonly SubmissionRecord[]> {
  const records: SubmissionRecord[] = [];
  for (const name of await namesIn(folder, fs)) {
    const record = await readOne(folder, name, fs);
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
  return FILE_NAME.test(`${id}.yaml`) ? readOne(folder, `${id}.yaml`, fs) : undefined;
}

/** The submission that a job belongs to, the newest records first. */
export async function findRecordOfJob(
  folder: string,
  pandaId: number,
  fs: RecordFs,
): Promise<SubmissionRecord | undefined> {
  for (const name of (await namesIn(folder, fs)).toReversed()) {
    const record = await readOne(folder, name, fs);
    if (record?.pandaIds.includes(pandaId) === true) return record;
  }
  return undefined;
}

/** Ids begin with the time, so that their order is that of time. */
async function namesIn(folder: string, fs: RecordFs): Promise<readonly string[]> {
  try {
    return (await fs.readdir(join(folder, RECORD_FOLDER))).filter((name) => FILE_NAME.test(name)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function readOne(folder: string, name: string, fs: RecordFs): Promise<SubmissionRecord | undefined> {
  try {
    const record = parseRecord(await fs.readFile(join(folder, RECORD_FOLDER, name), 'utf8'));
    return record?.id === name.slice(0, 10) ? record : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
