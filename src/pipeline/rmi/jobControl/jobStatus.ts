import { enumClass, serializable } from '../serial/classDescs.ts';
import { objectOf } from '../serial/fields.ts';
import type { JavaEnum, JavaValue } from '../serial/model.ts';
import type { StreamWriter } from '../serial/streamWriter.ts';
import { dateOf, enumOf, javaEnum, stringOf } from '../serial/values.ts';
import { writeDate, writeLinkedHashMap } from '../serial/writtenValues.ts';

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

/** One object for each, as Java has: so that an answer has it once. */
const CONSTANTS = Object.fromEntries(STATUSES.map((name) => [name, javaEnum(STATUS, name)])) as Readonly<
  Record<Status, JavaEnum | null>
>;

/** Its fields in this order are what `writeJobStatus` writes. */
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

/** An answer to `arrayStatus`: these ids in order, null for what is not known. */
export function writeJobStatuses(
  writer: StreamWriter,
  ids: readonly string[],
  found: ReadonlyMap<string, JobStatus | null>,
): void {
  writeLinkedHashMap(writer, ids.length, () => {
    for (const id of ids) {
      writer.text(id);
      writeJobStatus(writer, found.get(id) ?? null);
    }
  });
}

/** Writes it as Java does. Numbers beyond what Java's `int` holds become the largest. */
export function writeJobStatus(writer: StreamWriter, status: JobStatus | null): void {
  if (status === null) return writer.value(null);
  const out = writer.begin(JOB_STATUS);
  out.i32(javaInt(status.cpuUsed));
  out.i32(javaInt(status.memoryUsed));
  out.i32(javaInt(status.swapUsed));
  writer.sharedText(status.comment);
  writeDate(writer, status.ended);
  writer.sharedText(status.host);
  writer.text(status.id);
  writer.sharedText(status.queue);
  writeDate(writer, status.started);
  writer.value(status.status === null ? null : CONSTANTS[status.status]);
  writeDate(writer, status.submitted);
  writer.sharedText(status.user);
}

function javaInt(value: number): number {
  if (Number.isNaN(value)) throw new TypeError('NaN where a number is expected');
  return Math.max(-(2 ** 31), Math.min(Math.round(value), 2 ** 31 - 1));
}
