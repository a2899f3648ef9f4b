import { FILE_ATTRIBUTES, FILE_WIRE_LENGTH, JOB_ATTRIBUTES } from '../jobs/record.ts';
import type { FileSpec, JobSpec } from '../jobs/record.ts';
import { jobParametersOnWire } from './quirks.ts';

type WireValue = string | number | { readonly _datetime_object: string } | null;
type Values = Readonly<Record<string, unknown>>;
type Places = ReadonlyMap<string, { readonly index: number; readonly kind: string }>;

const JOB_PLACES = placesOf(JOB_ATTRIBUTES);
const FILE_PLACES = placesOf(FILE_ATTRIBUTES.slice(0, FILE_WIRE_LENGTH));

/**
 * The `jobs` argument of `job/submit`: a JSON text of one list per job, which holds 126 values by position and then
 * the list of files; each file is 18 values and an empty slot for its owner.
 */
export function encodeJobs(specs: readonly JobSpec[]): string {
  return JSON.stringify(specs.map(encodeJob));
}

function encodeJob(spec: JobSpec): unknown[] {
  const { jobParameters, files } = spec;
  const wire: unknown[] = encodeValues(
    { ...spec, jobParameters: jobParametersOnWire(jobParameters ?? '') },
    JOB_PLACES,
  );
  wire.push(files.map(encodeFile));
  return wire;
}

function encodeFile(file: FileSpec): unknown[] {
  const wire: unknown[] = encodeValues(file, FILE_PLACES);
  wire.push(null);
  return wire;
}

function placesOf(attributes: readonly (readonly [name: string, kind: string])[]): Places {
  return new Map(attributes.map(([name, kind], index) => [name, { index, kind }]));
}

/** Values by position. Of many attributes few are set, so only those are looked at. */
function encodeValues(values: Values, places: Places): WireValue[] {
  const wire = new Array<WireValue>(places.size).fill(null);
  for (const name in values) {
    const place = places.get(name);
    if (place !== undefined) wire[place.index] = encodeValue(values[name], place.kind);
  }
  return wire;
}

/** Unset travels as null, which servers keep as the unset value that their own records begin with. */
function encodeValue(value: unknown, kind: string): WireValue {
  if (kind === 'time' && typeof value === 'number') {
    return { _datetime_object: timeText(value) };
  }
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

/** `YYYY-MM-DD HH:MM:SS.ffffff`, UTC, as Python reads it. */
function timeText(epochMs: number): string {
  return `${new Date(epochMs).toISOString().replace('T', ' ').replace('Z', '')}000`;
}
