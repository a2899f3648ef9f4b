import {
  FILE_ATTRIBUTES,
  JOB_ATTRIBUTES,
  type FileAttribute,
  type JobAttribute,
} from '../../../panda/index.ts';
import { parseJson } from './jsonText.ts';
import { pythonTypeName } from './pythonText.ts';

/** A submitted job: the values that are set, as they came, by attribute. */
export interface WireJob {
  readonly attributes: ReadonlyMap<JobAttribute, unknown>;
  readonly files: readonly ReadonlyMap<FileAttribute, unknown>[];
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
    attributes: pair(
      JOB_ATTRIBUTES.map(([name]) => name),
      values.slice(0, -1),
    ),
    files: files.map((file) =>
      pair(
        FILE_ATTRIBUTES.map(([name]) => name),
        // The last element stands for the job that owns the file.
        readList(file).slice(0, -1),
      ),
    ),
  };
}

function readList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const type = pythonTypeName(value);
  throw new Undecodable(
    type === 'dict' ? "unhashable type: 'slice'" : `'${type}' object is not subscriptable`,
  );
}

/** Unset travels as the text `NULL` or as null; attributes missing at the end are unset too. */
function pair<Name extends string>(
  names: readonly Name[],
  values: readonly unknown[],
): ReadonlyMap<Name, unknown> {
  const result = new Map<Name, unknown>();
  for (const [index, name] of names.entries()) {
    const value = values[index];
    if (value !== undefined && value !== null && value !== 'NULL') result.set(name, value);
  }
  return result;
}
