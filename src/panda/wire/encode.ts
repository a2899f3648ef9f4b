import { FILE_ATTRIBUTES, FILE_WIRE_LENGTH, JOB_ATTRIBUTES } from '../jobs/record.ts';
import type { FileSpec, JobSpec } from '../jobs/record.ts';
import { jobParametersOnWire, UNSET } from './quirks.ts';

type WireValue = string | number | { readonly _datetime_object: string };
type Values = Readonly<Record<string, unknown>>;

const SENT_FILE_ATTRIBUTES = FILE_ATTRIBUTES.slice(0, FILE_WIRE_LENGTH);

/**
 * The `jobs` argument of `job/submit`: a JSON text of one list per job, which holds 126 values by position and then
 * the list of files; each file is 18 values and an empty slot for its owner.
 */
export function encodeJobs(specs: readonly JobSpec[]): string {
  return JSON.stringify(specs.map(encodeJob));
}

function encodeJob(spec: JobSpec): unknown[] {
  const values: Values = spec;
  const wire: unknown[] = JOB_ATTRIBUTES.map(([name, kind]) =>
    name === 'jobParameters'
      ? jobParametersOnWire(spec.jobParameters ?? '')
      : encodeValue(values[name], kind),
  );
  wire.push(spec.files.map(encodeFile));
  return wire;
}

function encodeFile(file: FileSpec): unknown[] {
  const values: Values = file;
  const wire: unknown[] = SENT_FILE_ATTRIBUTES.map(([name, kind]) => encodeValue(values[name], kind));
  wire.push(null);
  return wire;
}

function encodeValue(value: unknown, kind: string): WireValue {
  if (value === undefined || value === null) {
    return UNSET;
  }
  if (kind === 'time' && typeof value === 'number') {
    return { _datetime_object: timeText(value) };
  }
  return typeof value === 'number' || typeof value === 'string' ? value : UNSET;
}

/** `YYYY-MM-DD HH:MM:SS.ffffff`, UTC, as Python reads it. */
function timeText(epochMs: number): string {
  return `${new Date(epochMs).toISOString().replace('T', ' ').replace('Z', '')}000`;
}
