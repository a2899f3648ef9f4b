import { isFinal } from '../../panda/index.ts';
import type { JobUpdate } from '../api.ts';
import type { JobColumns } from './columns.ts';
import type { TextTable } from './text.ts';

/** True when an update contradicts the end of a job, and so was said before it. */
export function isOutdated(columns: JobColumns, row: number, update: JobUpdate): boolean {
  if (update.state === undefined) return false;
  const known = columns.states.at(columns.state[row] ?? 0);
  return known !== null && isFinal(known) && update.state !== known;
}

/** Writes what an update names into a row; true when something differs from before. */
export function writeUpdate(columns: JobColumns, row: number, update: JobUpdate): boolean {
  const differences = [
    writeJobName(columns, row, update),
    update.state !== undefined && writeText(columns.state, columns.states, row, update.state),
    writeText(columns.site, columns.sites, row, update.site),
    writeText(columns.transformation, columns.transformations, row, update.transformation),
    writeText(columns.error, columns.errors, row, update.error),
    writeNumber(columns.attempt, row, update.attempt),
    writeTime(columns.creationTime, row, update.creationTime),
    writeTime(columns.startTime, row, update.startTime),
    writeTime(columns.endTime, row, update.endTime),
    writeTime(columns.modificationTime, row, update.modificationTime),
    writeCancel(columns, row, update.cancelRequested),
  ];
  return differences.includes(true);
}

/** With the task, as both say where a job belongs. */
function writeJobName(columns: JobColumns, row: number, update: JobUpdate): boolean {
  const task = update.taskId === undefined ? (columns.task[row] ?? 0) : (update.taskId ?? 0);
  const superseded = update.superseded === undefined ? columns.superseded[row] : Number(update.superseded);
  const moves = task !== columns.task[row] || superseded !== columns.superseded[row];
  if (update.jobName === undefined && !moves) return false;
  const jobName = update.jobName ?? columns.jobName(row);
  columns.task[row] = task;
  columns.superseded[row] = superseded ?? 0;
  return columns.setJobName(row, jobName) || moves;
}

/** After the state: an ended job waits for nothing. */
function writeCancel(columns: JobColumns, row: number, requested: boolean | undefined): boolean {
  const ended = isFinal(columns.states.at(columns.state[row] ?? 0) ?? '');
  const known = columns.cancelRequested[row] ?? 0;
  const value = ended ? 0 : requested === undefined ? known : Number(requested);
  columns.cancelRequested[row] = value;
  return value !== known;
}

function writeText(
  column: Uint16Array | Uint32Array,
  table: TextTable,
  row: number,
  text: string | null | undefined,
): boolean {
  if (text === undefined) return false;
  const value = table.add(text);
  if (column[row] === value) return false;
  column[row] = value;
  return true;
}

function writeNumber(column: Uint32Array, row: number, value: number | undefined): boolean {
  // What does not fit is kept as it would be read again, so that it differs once only.
  if (value === undefined || column[row] === value >>> 0) return false;
  column[row] = value;
  return true;
}

function writeTime(column: Float64Array, row: number, time: number | null | undefined): boolean {
  if (time === undefined) return false;
  const value = time ?? NaN;
  if (Object.is(column[row], value)) return false;
  column[row] = value;
  return true;
}
