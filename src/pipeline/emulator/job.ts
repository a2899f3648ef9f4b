import { join } from 'node:path';
import { EMPTY_JOB, PRIORITIES } from '../rmi/index.ts';
import type { Job, Priority } from '../rmi/index.ts';
import type { JobCommand, TaskFile } from '../taskXml/model.ts';
import { streamPath, taskPath } from './instances.ts';
import type { Instance, Stream } from './instances.ts';
import type { SimulatedJobs } from './simulatedJobs.ts';
import { simulatedCommand } from './simulatedJobs.ts';
import { expandFor, variablesFor } from './variables.ts';

export interface JobSettings {
  /** Below it each process instance has its working directory, unless the task names one. */
  readonly workFolder: string;
  readonly fromAddress: string;
  readonly toAddress: string;
  /** Jobs that stand for those of the task; undefined where the task's own are run. */
  readonly simulated?: SimulatedJobs;
}

/** The file by which the pipeline has a shell script run. */
const SCRIPT = 'pipeline_wrapper';
/** A `maxMemory` above this is meant in kB. */
const MOST_MB = 256 * 1024;
/** What a shell can export. */
const NAME = /^[A-Za-z_]\w*$/;

/** What the pipeline's server asks for a process instance; the same whenever it is asked. */
export function jobOf(file: TaskFile, instance: Instance, settings: JobSettings): Job {
  const { process, stream, key, execution } = instance;
  if (process.run.kind !== 'job') throw new Error(`process ${process.name} is no job`);
  const run = process.run;
  const given = (name: string): string => expandFor(file, instance, run.attributes.get(name) ?? '').trim();
  const workingDirectory = given('workingDir') || workingDirectoryOf(settings.workFolder, instance);
  const simulated = settings.simulated === undefined ? undefined : simulatedCommand(settings.simulated, key);
  const command = simulated ?? commandOf(file, instance, run);
  const isScript = simulated === undefined && run.executable === '';
  return {
    ...EMPTY_JOB,
    name: given('jobName') || `${stream.task.name}-${process.name}`,
    command,
    // What runs in place of the job needs neither its time nor its memory.
    maxCPU: simulated === undefined ? count(given('maxCPU')) || count(given('maxWallClock')) : 0,
    maxMemory: simulated === undefined ? memoryKB(count(given('maxMemory'))) : 0,
    extraOptions: simulated === undefined ? given('batchOptions') || null : null,
    workingDirectory,
    archiveOldWorkingDir: execution > 1 ? String(execution - 1) : null,
    logFile: given('logFile') || 'logFile.txt',
    priority: priorityOf(given('priority')),
    env: environmentOf(file, instance, run, command, settings),
    files: new Map([
      ['pipeline_spid', `${stream.key}:${key}\n`],
      ...(isScript ? [[SCRIPT, `${run.script}\n`] as const] : []),
    ]),
  };
}

function commandOf(file: TaskFile, instance: Instance, run: JobCommand): string {
  return run.executable === '' ? `bash ${SCRIPT}` : expandFor(file, instance, run.executable);
}

function workingDirectoryOf(folder: string, { process, stream }: Instance): string {
  return join(folder, taskPath(stream), process.name, streamPath(stream));
}

/** The task's variables, then what the job declares, then what the pipeline says of the process instance. */
function environmentOf(
  file: TaskFile,
  instance: Instance,
  run: JobCommand,
  command: string,
  settings: JobSettings,
): ReadonlyMap<string, string> {
  const { process, stream, key, execution, retry } = instance;
  const own = run.environment.map(({ name, value }) => [name, expandFor(file, instance, value)] as const);
  const all: (readonly [string, string])[] = [
    ...variablesFor(file, instance),
    ...own,
    ['PIPELINE_TASK', stream.task.name],
    ['PIPELINE_TASKPATH', taskPath(stream)],
    ['PIPELINE_TASKVERSION', stream.task.version],
    ['PIPELINE_TASKVERSIONPATH', versionPath(stream)],
    ['PIPELINE_PROCESS', process.name],
    ['PIPELINE_PROCESSINSTANCE', String(key)],
    ['PIPELINE_STREAM', String(stream.number)],
    ['PIPELINE_STREAMPATH', streamPath(stream)],
    ['PIPELINE_EXECUTIONNUMBER', String(execution)],
    ['PIPELINE_AUTORETRYNUMBER', String(retry)],
    ['PIPELINE_COMMAND', command],
    ['PIPELINE_SUMMARY', 'pipeline_summary'],
    ['PIPELINE_TOADDRESS', settings.toAddress],
    ['PIPELINE_FROMADDRESS', settings.fromAddress],
    ['PIPELINE_MODE', 'DEV'],
  ];
  return new Map(all.filter(([name]) => NAME.test(name)));
}

function versionPath({ task, parent }: Stream): string {
  return parent === undefined ? task.version : `${versionPath(parent)}.${task.version}`;
}

function count(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** The schema has MB; task files of DC1 and DC2 say kB, which no machine has so many MB of. */
function memoryKB(given: number): number {
  return given > MOST_MB ? given : given * 1024;
}

function priorityOf(text: string): Priority {
  return PRIORITIES.find((name) => name === text.toUpperCase()) ?? 'NORMAL';
}
