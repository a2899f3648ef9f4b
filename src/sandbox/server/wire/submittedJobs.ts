import { FILE_ATTRIBUTES, JOB_ATTRIBUTES } from '../../../panda/index.ts';
import { parseJson } from './jsonText.ts';
import { pythonTypeName } from './pythonText.ts';

/** A submitted job: its values and those of its files as they came, in the order of the wire; null where unset. */
export interface WireJob {
  readonly values: readonly unknown[];
  readonly files: readonly (readonly unknown[])[];
}

export type WireJobs =
  { readonly ok: true; readonly jobs: readonly WireJob[] } | { readonly ok: false; readonly message: string };

/** More jobs than this in one call are cut away without a word. */
export const MAX_JOBS = 5000;

class Undecodable extends Error {}

/** Reads the text of a submission: a list of positional lists, each ending in the list of the job's files. */
export function readSubmittedJobs(text: string): WireJobs {
  const parsed = parseJson(text);
  if (!parsed.ok) return refused(parsed.message);
  try {
    if (!Array.isArray(parsed.value)) throw new Undecodable(notAList(parsed.value));
    return { ok: true, jobs: parsed.value.slice(0, MAX_JOBS).map(readJob) };
  } catch (error) {
    if (error instanceof Undecodable) return refused(error.message);
    throw error;
  }
}

function refused(message: string): WireJobs {
  return { ok: false, message: `Failed to deserialize jobs: ${message}` };
}

function notAList(value: unknown): string {
  return pythonTypeName(value) === 'dict'
    ? 'can only concatenate str (not "list") to str'
    : `'${pythonTypeName(value)}' object is not iterable`;
}

function readJob(value: unknown): WireJob {
  const values = readList(value);
  const files = readList(values.at(-1));
  return {
    values: padded(values, JOB_ATTRIBUTES.length),
    files: files.map((file) => padded(readList(file), FILE_ATTRIBUTES.length)),
  };
}

function readList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const type = pythonTypeName(value);
  throw new Undecodable(
    type === 'dict' ? "unhashable type: 'slice'" : `'${type}' object is not subscriptable`,
  );
}

/**
 * Unset travels as the text `NULL` or as null; values missing at the end are unset too. The last element is no value: it
 * holds the files of a job, or stands for the job that owns a file.
 */
function padded(list: readonly unknown[], length: number): readonly unknown[] {
  const values = list.slice(0, Math.min(length, list.length - 1));
  while (values.length < length) values.push(null);
  return values.map((value) => (value === 'NULL' ? null : value));
}
