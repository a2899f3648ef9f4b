import { enumClass, serializable } from '../serial/classDescs.ts';
import { mapOf } from '../serial/collections.ts';
import { SerialError } from '../serial/errors.ts';
import { classData, objectOf } from '../serial/fields.ts';
import type { JavaObject, JavaValue } from '../serial/model.ts';
import { enumOf, javaEnum, javaHashMap, javaString, stringOf } from '../serial/values.ts';

export const PRIORITIES = ['LOWEST', 'LOW', 'NORMAL', 'HIGH', 'HIGHEST'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What the pipeline wants to be run. */
export interface Job {
  /** Seconds of processor time; 0 where nothing is said. */
  readonly maxCPU: number;
  /** kB; 0 where nothing is said. */
  readonly maxMemory: number;
  readonly name: string | null;
  readonly command: string | null;
  readonly workingDirectory: string | null;
  /** Name below `archive` that old files of the working directory are moved to. */
  readonly archiveOldWorkingDir: string | null;
  readonly logFile: string | null;
  /** Options for the batch system, as one text. */
  readonly extraOptions: string | null;
  readonly priority: Priority | null;
  /** Environment in the order it came. */
  readonly env: ReadonlyMap<string, string>;
  /** Files to be written into the working directory before the job starts, by name. */
  readonly files: ReadonlyMap<string, string>;
}

const PRIORITY = enumClass('org.srs.jobcontrol.Job$Priority');

const JOB = serializable({
  name: 'org.srs.jobcontrol.Job',
  suid: -362830341176400263n,
  fields: [
    'I maxCPU',
    'I maxMemory',
    'L archiveOldWorkingDir Ljava/lang/String;',
    'L command Ljava/lang/String;',
    'L currentDirectory Ljava/lang/String;',
    'L env Ljava/util/Map;',
    'L extraOptions Ljava/lang/String;',
    'L files Ljava/util/Map;',
    'L logFile Ljava/lang/String;',
    'L name Ljava/lang/String;',
    'L priority Lorg/srs/jobcontrol/Job$Priority;',
  ],
});

/** A job that asks for nothing, as Java's constructor makes it. */
export const EMPTY_JOB: Job = {
  maxCPU: 0,
  maxMemory: 0,
  name: null,
  command: null,
  workingDirectory: null,
  archiveOldWorkingDir: null,
  logFile: null,
  extraOptions: null,
  priority: 'NORMAL',
  env: new Map(),
  files: new Map(),
};

/** Throws SerialError where the value is no job. */
export function jobOf(value: JavaValue): Job {
  const fields = objectOf(value, JOB);
  if (fields === null) throw new SerialError('type', 'null where a job is expected');
  const text = (name: string): string | null => stringOf(fields.value(name));
  return {
    maxCPU: fields.number('maxCPU'),
    maxMemory: fields.number('maxMemory'),
    name: text('name'),
    command: text('command'),
    workingDirectory: text('currentDirectory'),
    archiveOldWorkingDir: text('archiveOldWorkingDir'),
    logFile: text('logFile'),
    extraOptions: text('extraOptions'),
    priority: enumOf(fields.value('priority'), PRIORITY, PRIORITIES),
    env: textsOf(fields.value('env')),
    files: textsOf(fields.value('files')),
  };
}

export function javaJob(job: Job): JavaObject {
  const fields = {
    maxCPU: job.maxCPU,
    maxMemory: job.maxMemory,
    archiveOldWorkingDir: javaString(job.archiveOldWorkingDir),
    command: javaString(job.command),
    currentDirectory: javaString(job.workingDirectory),
    env: javaTexts(job.env),
    extraOptions: javaString(job.extraOptions),
    files: javaTexts(job.files),
    logFile: javaString(job.logFile),
    name: javaString(job.name),
    priority: javaEnum(PRIORITY, job.priority),
  };
  return { kind: 'object', desc: JOB, levels: [classData(JOB, fields)] };
}

/** A map without entries where there is none; Java's maps may have null for a key or a value, which means nothing here. */
function textsOf(value: JavaValue): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [javaKey, javaText] of mapOf(value) ?? []) {
    const key = stringOf(javaKey);
    const text = stringOf(javaText);
    if (key !== null && text !== null) texts.set(key, text);
  }
  return texts;
}

function javaTexts(texts: ReadonlyMap<string, string>): JavaObject {
  return javaHashMap([...texts].map(([key, text]) => [javaString(key), javaString(text)] as const));
}
