import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import {
  FILE_ATTRIBUTES,
  JOB_ATTRIBUTES,
  type FileAttribute,
  type FileAttributes,
  type JobAttribute,
  type JobAttributes,
} from '../../../panda/index.ts';

/** A job as it is stored: all 126 attributes, times as epoch milliseconds, unset as null. */
export type StoredJob = Readonly<JobAttributes> & { readonly PandaID: number; readonly jobStatus: string };
/** A file of a job as it is stored. */
export type StoredFile = Readonly<FileAttributes> & { readonly row_ID: number; readonly PandaID: number };

export type JobChanges = Partial<JobAttributes>;
export type FileChanges = Partial<FileAttributes>;

export const JOB_COLUMNS: readonly JobAttribute[] = JOB_ATTRIBUTES.map(([name]) => name);
export const FILE_COLUMNS: readonly FileAttribute[] = FILE_ATTRIBUTES.map(([name]) => name);

/** Zero where unset, not null. */
export const ZERO_ATTRIBUTES: readonly JobAttribute[] = [
  'assignedPriority',
  'currentPriority',
  'attemptNr',
  'maxAttempt',
  'maxCpuCount',
  'maxDiskCount',
  'minRamCount',
  'cpuConsumptionTime',
  'pilotErrorCode',
  'exeErrorCode',
  'supErrorCode',
  'ddmErrorCode',
  'brokerageErrorCode',
  'jobDispatcherErrorCode',
  'taskBufferErrorCode',
  'nEvents',
  'relocationFlag',
  'jobExecutionID',
  'nOutputDataFiles',
  'outputFileBytes',
];

export function jobValues(job: StoredJob): SQLInputValue[] {
  return JOB_COLUMNS.map((name) => job[name]);
}

export function fileValues(file: Readonly<FileAttributes>): SQLInputValue[] {
  return FILE_COLUMNS.map((name) => file[name]);
}

type Row = Readonly<Record<string, SQLOutputValue>>;

// The columns were made from the same tables of attributes and kinds, and only this program writes them.

export function decodeJob(row: Row): StoredJob {
  return row as unknown as StoredJob;
}

export function decodeFile(row: Row): StoredFile {
  return row as unknown as StoredFile;
}
