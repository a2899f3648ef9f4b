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

type ColumnType = 'integer' | 'number' | 'text' | 'time';

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  integer: 'INTEGER',
  number: 'REAL',
  text: 'TEXT',
  time: 'INTEGER',
};

export function columnDefinitions(
  table: readonly (readonly [string, ColumnType])[],
  primaryKey: string,
): string {
  return table
    .map(([name, type]) => `"${name}" ${SQL_TYPES[type]}${name === primaryKey ? ' PRIMARY KEY' : ''}`)
    .join(', ');
}

export function jobValues(job: StoredJob): SQLInputValue[] {
  return JOB_COLUMNS.map((name) => job[name]);
}

export function fileValues(file: Readonly<FileAttributes>): SQLInputValue[] {
  return FILE_COLUMNS.map((name) => file[name]);
}

export function decodeJob(row: readonly SQLOutputValue[]): StoredJob {
  // The table's columns were made from the same list and have the types it gives.
  return Object.fromEntries(JOB_COLUMNS.map((name, index) => [name, row[index] ?? null])) as StoredJob;
}

export function decodeFile(row: readonly SQLOutputValue[]): StoredFile {
  return Object.fromEntries(FILE_COLUMNS.map((name, index) => [name, row[index] ?? null])) as StoredFile;
}
