import { FILE_ATTRIBUTES, JOB_ATTRIBUTES } from '../jobs/record.ts';
import type { FileAttributes, FileRecord, JobAttributes, JobRecord } from '../jobs/record.ts';
import { isObject } from './envelope.ts';
import { UNSET } from './quirks.ts';
import { decodeTime } from './time.ts';

type Kind = 'integer' | 'number' | 'text' | 'time';
type Raw = Readonly<Record<string, unknown>>;

const JOB_NAMES: ReadonlySet<string> = new Set([...JOB_ATTRIBUTES.map(([name]) => name), 'Files']);

/** Records with nothing set, to be copied: one that gets its attributes one by one takes many times as long to make. */
const UNSET_JOB = unset<JobAttributes>(JOB_ATTRIBUTES);
const UNSET_FILE = unset<FileAttributes>(FILE_ATTRIBUTES);

function unset<T>(table: readonly (readonly [keyof T, Kind])[]): T {
  return Object.fromEntries(table.map(([name]) => [name, null])) as T;
}

/** Marks a value that is not of its attribute's kind. */
const ODD = Symbol('odd');

/**
 * A job as the server described it, or null where the value is no job. Numbers that came as text are numbers, times are
 * epoch milliseconds, unset is null. What we do not know, or what is not of its kind, is kept in `unknown` as it came.
 */
export function decodeJob(raw: unknown): JobRecord | null {
  if (!isObject(raw)) {
    return null;
  }
  const pandaId = decodeNumber(raw.PandaID);
  const { jobStatus, Files: files } = raw;
  if (typeof pandaId !== 'number' || !Number.isSafeInteger(pandaId) || typeof jobStatus !== 'string') {
    return null;
  }
  const unknown: Record<string, unknown> = {};
  const values = { ...UNSET_JOB, PandaID: pandaId, jobStatus, files: [] as readonly FileRecord[], unknown };
  decodeAttributes(values, JOB_ATTRIBUTES, raw, unknown);
  for (const name in raw) {
    if (!JOB_NAMES.has(name)) {
      unknown[name] = raw[name];
    }
  }
  if (files !== undefined && files !== null && !Array.isArray(files)) {
    unknown.Files = files;
  }
  if (Array.isArray(files)) {
    values.files = files.filter(isObject).map(decodeFile);
  }
  return values;
}

function decodeFile(raw: Raw): FileRecord {
  const values = { ...UNSET_FILE };
  decodeAttributes(values, FILE_ATTRIBUTES, raw, {});
  return values;
}

/** Fills in what is set; most attributes of a job are not. */
function decodeAttributes<T extends object>(
  record: T,
  table: readonly (readonly [keyof T & string, Kind])[],
  raw: Raw,
  odd: Record<string, unknown>,
): void {
  const values: Record<string, unknown> = record as Record<string, unknown>;
  for (const [name, kind] of table) {
    const given = raw[name];
    if (given === null || given === undefined || given === UNSET) {
      continue;
    }
    const value = decodeValue(given, kind);
    if (value === ODD) {
      odd[name] = given;
    } else {
      values[name] = value;
    }
  }
}

function decodeValue(given: unknown, kind: Kind): string | number | null | typeof ODD {
  if (kind === 'text') {
    return decodeText(given);
  }
  if (kind === 'time') {
    return decodeTime(given) ?? ODD;
  }
  return decodeNumber(given);
}

function decodeText(given: unknown): string | typeof ODD {
  if (typeof given === 'string') {
    return given;
  }
  return typeof given === 'number' || typeof given === 'boolean' ? String(given) : ODD;
}

function decodeNumber(given: unknown): number | null | typeof ODD {
  if (typeof given === 'number') {
    return Number.isFinite(given) ? given : ODD;
  }
  if (typeof given !== 'string') {
    return ODD;
  }
  const text = given.trim();
  const value = Number(text);
  return text === '' ? null : Number.isFinite(value) ? value : ODD;
}
