import { PandaError } from '../errors/errors.ts';
import type { Problem } from '../jobs/request.ts';
import type { TaskParameter, TaskParameters } from './taskParameters.ts';

/** A task that was not sent, because its parameters would be refused, or make a broken task. */
export class InvalidTaskError extends PandaError {
  override readonly name: string = 'InvalidTaskError';
  /** Every problem; `where` is a path in the parameters: `jobParameters[2].dataset`. */
  readonly problems: readonly Problem[];

  constructor(tried: string, problems: readonly Problem[]) {
    super({
      kind: 'rejected',
      tried,
      cameBack: problems.map(({ where, message }) => `${where} ${message}`).join('; '),
      advice: 'Mend what is named and submit again; nothing was sent',
    });
    this.problems = problems;
  }
}

/** Longest texts that the server's database takes, in characters; of tasks, and of data sets of the grid. */
const LENGTHS: Readonly<Record<string, number>> = {
  taskName: 256,
  vo: 16,
  prodSourceLabel: 20,
  workingGroup: 32,
  processingType: 64,
  site: 128,
};
const LONGEST_CONTAINER = 132;

const NEEDED = ['taskName', 'vo', 'prodSourceLabel', 'processingType'] as const;
/** These may be empty or null, but without them the task becomes `broken`. */
const PRESENT = ['architecture', 'transUses', 'transHome'] as const;
const COUNTS = [
  'nEvents',
  'nEventsPerJob',
  'nFiles',
  'nFilesPerJob',
  'nMaxFilesPerJob',
  'coreCount',
] as const;
const PARAMETER_TYPES: readonly unknown[] = ['input', 'output', 'log', 'pseudo_input', 'number'];

/** Everything for which the server would refuse a task, break it, or cut its texts; empty for one fit to send. */
export function validateTaskParameters(parameters: TaskParameters): Problem[] {
  return [
    ...checkTexts(parameters),
    ...COUNTS.flatMap((name) => checkCount(name, parameters[name], 1, Number.MAX_SAFE_INTEGER)),
    ...checkCount('maxAttempt', parameters.maxAttempt, 1, 50),
    ...checkJobParameters(parameters.jobParameters),
    ...(parameters.log === undefined ? [] : checkParameter(parameters.log, 'log')),
  ];
}

function checkTexts(parameters: TaskParameters): Problem[] {
  const problems: Problem[] = [];
  for (const name of NEEDED) {
    if (parameters[name] === undefined || parameters[name] === '') {
      problems.push({ where: name, message: 'is missing' });
    }
  }
  for (const name of PRESENT) {
    if (parameters[name] === undefined) problems.push({ where: name, message: 'is missing' });
  }
  for (const [name, longest] of Object.entries(LENGTHS)) {
    const value = parameters[name];
    if (typeof value === 'string' && [...value].length > longest) {
      problems.push({ where: name, message: `has more than ${longest} characters` });
    }
  }
  return problems;
}

function checkCount(where: string, value: unknown, least: number, most: number): Problem[] {
  if (value === undefined || value === null) return [];
  const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return fits ? [] : [{ where, message: `is not a whole number ${range}` }];
}

function checkJobParameters(items: readonly TaskParameter[]): Problem[] {
  const given: unknown = items;
  if (!Array.isArray(given) || given.length === 0) {
    return [{ where: 'jobParameters', message: 'are missing' }];
  }
  return items.flatMap((item, index) => checkParameter(item, `jobParameters[${index}]`));
}

function checkParameter(item: TaskParameter, where: string): Problem[] {
  const problems: Problem[] = [];
  if (typeof item.value !== 'string') {
    problems.push({ where: `${where}.value`, message: 'is not a text' });
  } else if (!item.value.isWellFormed() || item.value.includes('\0')) {
    problems.push({ where: `${where}.value`, message: 'holds characters that a database cannot keep' });
  }
  if (item.type === 'constant') return problems;
  if (item.type !== 'template') {
    return [...problems, { where: `${where}.type`, message: 'is neither constant nor template' }];
  }
  if (!PARAMETER_TYPES.includes(item.param_type)) {
    problems.push({ where: `${where}.param_type`, message: 'is none that a template has' });
  }
  return [...problems, ...checkDataset(item, where)];
}

/** Names of outputs go to storage systems, which take plain ASCII alone. */
function checkDataset({ param_type: type, dataset, value }: TaskParameter, where: string): Problem[] {
  if (type === 'number') return [];
  if (typeof dataset !== 'string' || dataset === '') {
    return [{ where: `${where}.dataset`, message: 'is missing' }];
  }
  if (type !== 'output' && type !== 'log') return [];
  const problems: Problem[] = [];
  if (dataset.length > LONGEST_CONTAINER) {
    const message = `has ${dataset.length} characters; a data set may have ${LONGEST_CONTAINER}`;
    problems.push({ where: `${where}.dataset`, message });
  }
  for (const [name, text] of [
    ['dataset', dataset],
    ['value', value],
  ] as const) {
    if (/[^\u0020-\u007e]/u.test(text)) {
      problems.push({ where: `${where}.${name}`, message: 'holds characters other than plain ASCII' });
    }
  }
  return problems;
}
