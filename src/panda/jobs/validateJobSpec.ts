import { FILE_LIMITS, JOB_LIMITS } from './columnLimits.ts';
import { FILE_ATTRIBUTES, JOB_ATTRIBUTES } from './record.ts';
import type { JobAttribute, JobSpec } from './record.ts';
import type { Problem } from './request.ts';
import { UNSET } from '../wire/quirks.ts';

/** Without these a job is refused, cannot run, or belongs to nobody and cannot be cancelled by its submitter. */
const REQUIRED: readonly (JobAttribute & keyof JobSpec)[] = [
  'jobName',
  'transformation',
  'prodSourceLabel',
  'prodUserName',
  'VO',
];

/** The only labels the server takes in `job_label`. */
const JOB_LABELS: readonly string[] = ['user', 'managed'];

type Values = Readonly<Record<string, unknown>>;
/** What is known of an attribute: its kind, and the longest text its column takes. */
interface Column {
  readonly kind: string;
  readonly limit: number | undefined;
}
type Columns = ReadonlyMap<string, Column>;

const JOB_COLUMNS = columnsOf(JOB_ATTRIBUTES, JOB_LIMITS);
const FILE_COLUMNS = columnsOf(FILE_ATTRIBUTES, FILE_LIMITS);

function columnsOf(
  attributes: readonly (readonly [name: string, kind: string])[],
  limits: Readonly<Record<string, number>>,
): Columns {
  return new Map(attributes.map(([name, kind]) => [name, { kind, limit: limits[name] }]));
}

/** Everything that would make the server refuse or cut this job; empty for a job fit to send. */
export function validateJobSpec(spec: JobSpec): Problem[] {
  const values: Values = spec;
  const problems: Problem[] = [];
  for (const name of REQUIRED) {
    if (values[name] === undefined || values[name] === null || values[name] === '') {
      problems.push({ where: name, message: 'is missing' });
    }
  }
  const label = spec.job_label ?? '';
  if (label !== '' && !JOB_LABELS.includes(label)) {
    problems.push({ where: 'job_label', message: `is “${label}”; only user and managed are taken` });
  }
  problems.push(...checkValues(values, JOB_COLUMNS, ''));
  for (const [index, file] of spec.files.entries()) {
    const at = `files[${index}].`;
    if (file.lfn === '') {
      problems.push({ where: `${at}lfn`, message: 'is missing' });
    }
    problems.push(...checkValues(file, FILE_COLUMNS, at));
  }
  problems.push(...checkFiles(spec));
  return problems;
}

/** The problems of many jobs, each with the index of its job: `jobs[3].jobName`. */
export function validateJobSpecs(specs: readonly JobSpec[]): Problem[] {
  const names = new Set<string>();
  return specs.flatMap((spec, index) => {
    const problems = validateJobSpec(spec);
    if (names.has(spec.jobName)) {
      // The server would take both, and neither could be told from the other after a lost answer.
      problems.push({ where: 'jobName', message: `“${spec.jobName}” occurs twice` });
    }
    names.add(spec.jobName);
    return problems.map(({ where, message }) => ({ where: `jobs[${index}].${where}`, message }));
  });
}

function checkFiles(spec: JobSpec): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, { lfn }] of spec.files.entries()) {
    if (seen.has(lfn)) {
      problems.push({ where: `files[${index}].lfn`, message: `“${lfn}” occurs twice` });
    }
    seen.add(lfn);
  }
  if (spec.files.filter(({ type }) => type === 'log').length > 1) {
    problems.push({ where: 'files', message: 'hold more than one log' });
  }
  return problems;
}

/** Of many attributes few are set, so only those are looked at. */
function checkValues(values: Values, columns: Columns, at: string): Problem[] {
  const problems: Problem[] = [];
  for (const name in values) {
    const column = columns.get(name);
    const value = values[name];
    if (column === undefined || value === undefined || value === null) {
      continue;
    }
    const message =
      column.kind === 'text' ? textProblem(value, column.limit) : numberProblem(value, column.kind);
    if (message !== undefined) {
      problems.push({ where: `${at}${name}`, message });
    }
  }
  return problems;
}

function textProblem(value: unknown, limit: number | undefined): string | undefined {
  if (typeof value !== 'string') {
    return 'is not a text';
  }
  if (value === UNSET) {
    return `is the word ${UNSET}, which the server reads as unset`;
  }
  if (!value.isWellFormed() || value.includes('\0')) {
    return 'holds characters that a database cannot keep';
  }
  // Only a text with more code units than the limit can have more characters.
  const length = limit !== undefined && value.length > limit ? [...value].length : 0;
  return limit !== undefined && length > limit
    ? `has ${length} characters; the server keeps ${limit}`
    : undefined;
}

function numberProblem(value: unknown, kind: string): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return 'is not a number';
  }
  if (kind === 'integer' && !Number.isSafeInteger(value)) {
    return 'is not a whole number';
  }
  return kind === 'time' && Math.abs(value) > 8.64e15 ? 'is not a time' : undefined;
}
