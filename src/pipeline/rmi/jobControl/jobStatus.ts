import { enumClass, serializable } from '../serial/classDescs.ts';
import { classData, objectOf } from '../serial/fields.ts';
import type { JavaObject, JavaValue } from '../serial/model.ts';
import { dateOf, enumOf, javaDate, javaEnum, javaString, stringOf } from '../serial/values.ts';

export const STATUSES = ['DONE', 'PENDING', 'RUNNING', 'WAITING', 'SUSPENDED', 'FAILED', 'UNKNOWN'] as const;
export type Status = (typeof STATUSES)[number];

/** What is known of a job that was submitted; null where it is not known. */
export interface JobStatus {
  readonly id: string | null;
  readonly status: Status | null;
  /** Seconds. */
  readonly cpuUsed: number;
  /** kB. */
  readonly memoryUsed: number;
  /** kB. */
  readonly swapUsed: number;
  readonly host: string | null;
  readonly queue: string | null;
  readonly user: string | null;
  readonly comment: string | null;
  /** This and the others: milliseconds since 1970. */
  readonly submitted: number | null;
  readonly started: number | null;
  readonly ended: number | null;
}

const STATUS = enumClass('org.srs.jobcontrol.JobStatus$Status');

const JOB_STATUS = serializable({
  name: 'org.srs.jobcontrol.common.CommonJobStatus',
  suid: 6311542340392104385n,
  fields: [
    'I cpuUsed',
    'I memoryUsed',
    'I swapUsed',
    'L comment Ljava/lang/String;',
    'L ended Ljava/util/Date;',
    'L host Ljava/lang/String;',
    'L id Ljava/lang/String;',
    'L queue Ljava/lang/String;',
    'L started Ljava/util/Date;',
    'L status Lorg/srs/jobcontrol/JobStatus$Status;',
    'L submitted Ljava/util/Date;',
    'L user Ljava/lang/String;',
  ],
});

/** Null for null; throws SerialError where the value is no status. */
export function jobStatusOf(value: JavaValue): JobStatus | null {
  const fields = objectOf(value, JOB_STATUS);
  if (fields === null) return null;
  const text = (name: string): string | null => stringOf(fields.value(name));
  return {
    id: text('id'),
    status: enumOf(fields.value('status'), STATUS, STATUSES),
    cpuUsed: fields.number('cpuUsed'),
    memoryUsed: fields.number('memoryUsed'),
    swapUsed: fields.number('swapUsed'),
    host: text('host'),
    queue: text('queue'),
    user: text('user'),
    comment: text('comment'),
    submitted: dateOf(fields.value('submitted')),
    started: dateOf(fields.value('started')),
    ended: dateOf(fields.value('ended')),
  };
}

/** Numbers beyond what Java's `int` holds become the largest. */
export function javaJobStatus(status: JobStatus | null): JavaObject | null {
  if (status === null) return null;
  const fields = {
    cpuUsed: javaInt(status.cpuUsed),
    memoryUsed: javaInt(status.memoryUsed),
    swapUsed: javaInt(status.swapUsed),
    comment: javaString(status.comment),
    ended: javaDate(status.ended),
    host: javaString(status.host),
    id: javaString(status.id),
    queue: javaString(status.queue),
    started: javaDate(status.started),
    status: javaEnum(STATUS, status.status),
    submitted: javaDate(status.submitted),
    user: javaString(status.user),
  };
  return { kind: 'object', desc: JOB_STATUS, levels: [classData(JOB_STATUS, fields)] };
}

function javaInt(value: number): number {
  if (Number.isNaN(value)) throw new TypeError('NaN where a number is expected');
  return Math.max(-(2 ** 31), Math.min(Math.round(value), 2 ** 31 - 1));
}
