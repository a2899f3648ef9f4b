import type { SQLOutputValue } from 'node:sqlite';
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

/** Where each attribute stands in the values of a job or file. */
export const JOB_PLACES = placesOf(JOB_COLUMNS);
export const FILE_PLACES = placesOf(FILE_COLUMNS);

function placesOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, place) => [name, place])) as Record<Name, number>;
}

/** A job or file as its values in the order of the wire, which is that of the columns. */
export type Values = readonly (string | number | null)[];

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

export function jobValues(job: StoredJob): Values {
  return JOB_COLUMNS.map((name) => job[name]);
}

/** Of a file without an id, so that it gets one. */
export function fileValues(file: Omit<StoredFile, 'row_ID'>): Values {
  return FILE_COLUMNS.map((name) => (name === 'row_ID' ? null : file[name]));
}

type Row = Readonly<Record<string, SQLOutputValue>>;

// The columns were made from the same tables of attributes and kinds, and only this program writes them.

export function decodeJob(row: Row): StoredJob {
  return row as unknown as StoredJob;
}

export function decodeFile(row: Row): StoredFile {
  return row as unknown as StoredFile;
}
