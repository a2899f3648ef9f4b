import { createHash } from 'node:crypto';
import { jobSubmissionException } from '../rmi/index.ts';
import type { Job } from '../rmi/index.ts';

/** Which piece of the pipeline's work a job is. */
export interface JobIdentity {
  readonly task: string;
  /** Decimal primary key of the process instance. */
  readonly instance: string;
  /** Numbers joined by dots. */
  readonly stream: string;
  /** Empty where the pipeline tells none. */
  readonly execution: string;
}

/** Where a job stands in its task, for people who look. */
export interface JobPlace {
  /** The task that its stream is one of, whatever subtask it belongs to. */
  readonly topTask: string;
  /** Number of that stream. */
  readonly topStream: number;
  /** With the numbers of substreams, joined by dots: `12.3`. */
  readonly streamPath: string;
  /** With the names of subtasks before it: `sensor.phoSim`; empty where the pipeline tells none. */
  readonly process: string;
}

const TASK = /^[A-Za-z0-9][\w.-]{0,199}$/;
const STREAM = /^\d[\d.]{0,199}$/;

/** Reads the place from a job's environment; what the pipeline does not tell is made of its identity. */
export function placeOf({ env }: Pick<Job, 'env'>, { task, stream }: JobIdentity): JobPlace {
  const told = (name: string, form: RegExp, otherwise: string): string => {
    const value = env.get(name) ?? '';
    return form.test(value) ? value : otherwise;
  };
  const taskPath = told('PIPELINE_TASKPATH', TASK, task);
  const streamPath = told('PIPELINE_STREAMPATH', STREAM, stream);
  // Names may have dots: a task that is its own path is no subtask.
  const [topTask = task, ...subtasks] = taskPath === task ? [task] : taskPath.split('.');
  const process = told('PIPELINE_PROCESS', TASK, '');
  return {
    topTask,
    topStream: Math.min(Number.parseInt(streamPath, 10), Number.MAX_SAFE_INTEGER),
    streamPath,
    process: process === '' ? '' : [...subtasks, process].join('.'),
  };
}

/**
 * Reads the identity from a job's environment. Executions are told apart by PIPELINE_EXECUTIONNUMBER and
 * PIPELINE_AUTORETRYNUMBER, else by the name under which the working directory of the one before is to be archived. Throws a JobSubmissionException where it is not there:
 * such a job could not be told from its own repetition.
 */
export function identityOf({ env, archiveOldWorkingDir }: Job): JobIdentity {
  const instance = env.get('PIPELINE_PROCESSINSTANCE') ?? '';
  const stream = env.get('PIPELINE_STREAM') ?? '';
  const task = env.get('PIPELINE_TASK') ?? '';
  const execution = executionOf(env) ?? archiveOldWorkingDir ?? '';
  check('PIPELINE_PROCESSINSTANCE', instance, /^\d{1,19}$/, 'a whole number');
  check('PIPELINE_STREAM', stream, STREAM, 'stream numbers joined by dots');
  check('PIPELINE_TASK', task, TASK, 'the name of a task');
  return { task, instance: String(BigInt(instance)), stream, execution };
}

function executionOf(env: Job['env']): string | undefined {
  const number = env.get('PIPELINE_EXECUTIONNUMBER');
  const retry = env.get('PIPELINE_AUTORETRYNUMBER') ?? '0';
  return number === undefined || retry === '0' ? number : `${number}_${retry}`;
}

function check(name: string, value: string, form: RegExp, what: string): void {
  if (form.test(value)) return;
  const found = value === '' ? 'is not set' : `is ${JSON.stringify(value.slice(0, 50))}`;
  throw jobSubmissionException(`${name} ${found} in the environment of the job; it has to be ${what}`);
}

/** The same for the same job, whatever order its maps came in. */
export function digestOf({ env, files, ...rest }: Job): string {
  const sorted = (map: ReadonlyMap<string, string>): unknown =>
    [...map].sort(([one], [other]) => (one < other ? -1 : 1));
  const text = JSON.stringify([Object.entries(rest).sort(), sorted(env), sorted(files)]);
  return createHash('sha256').update(text).digest('hex');
}

/** A folder name for an execution, whatever is in it. */
export function folderOf({ instance, execution }: Pick<JobIdentity, 'instance' | 'execution'>): string {
  if (execution === '') return instance;
  const plain = /^[A-Za-z0-9_-]{1,64}$/.test(execution);
  return `${instance}.${plain ? execution : `x${createHash('sha256').update(execution).digest('hex').slice(0, 16)}`}`;
}

/** What the pipeline calls the log, as job control services always named it. */
export function logFileOf({ logFile }: Job): string {
  return logFile === null || logFile.trim() === '' ? 'logFile.log' : logFile.replace(/\s+/g, '_');
}
