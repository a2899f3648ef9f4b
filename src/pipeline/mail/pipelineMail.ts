import { MailError, readKeyLines, writeKeyLines } from './keyLines.ts';
import type { KeyLine } from './keyLines.ts';
import { formatMailDate, parseMailDate } from './mailDate.ts';

/** What start and end of a process instance have in common. */
interface MailHead {
  /** Primary key of the process instance: decimal digits. */
  readonly processInstance: string;
  /** Where it ran; null where it is not known. */
  readonly host: string | null;
  /** This and `endTime`: milliseconds since 1970, whole seconds in a mail; null where it is not known. */
  readonly startTime: number | null;
  readonly workDir: string | null;
  readonly logFile: string | null;
}

export interface StartMail extends MailHead {
  readonly kind: 'start';
}

export interface EndMail extends MailHead {
  readonly kind: 'end';
  readonly endTime: number | null;
  /** Null where the job ended without one; the process instance has failed then. */
  readonly exitCode: number | null;
  /** This and the next two: seconds; null where it is not known. */
  readonly elapsed: number | null;
  readonly user: number | null;
  readonly system: number | null;
  /** Variables that the job has set, by name without the prefix `Pipeline.`. */
  readonly variables: ReadonlyMap<string, string>;
  /** Substreams that the job wants, in the order they came. */
  readonly substreams: readonly WantedSubstream[];
}

/** A line `PipelineCreateStream.<task>.<stream>: <variables>`. */
export interface WantedSubstream {
  readonly task: string;
  /** -1: the next that is free. */
  readonly stream: number;
  /** `a=3,b="text"`, as it came. */
  readonly variables: string;
}

export type PipelineMail = StartMail | EndMail;

export interface MailText {
  /** The primary key of the process instance, and nothing else. */
  readonly subject: string;
  /** Lines `key: value`, ASCII, each ended by a line feed. */
  readonly text: string;
}

const VARIABLE = 'Pipeline.';
const SUBSTREAM = /^PipelineCreateStream\.(.+)\.(-?\d{1,9})$/;
/** Java's `long` has so many digits. */
const PROCESS_INSTANCE = /^\d{1,19}$/;

export function composeMail(mail: PipelineMail): MailText {
  return { subject: mail.processInstance, text: writeKeyLines(linesOf(mail)) };
}

/**
 * Reads a mail whose transport encoding is undone already. Throws MailError where it is none of the pipeline's. Numbers
 * and times that cannot be read are null: that a job has ended counts for more.
 */
export function parseMail({ subject, text }: MailText): PipelineMail {
  const key = subject.trim();
  if (!PROCESS_INSTANCE.test(key)) throw new MailError('its subject is not the number of a process instance');
  const values = readKeyLines(text);
  const named = values.get('ProcessInstance') ?? '';
  if (named !== '' && named !== key) {
    throw new MailError(`its subject names process instance ${key}, its text ${named.slice(0, 40)}`);
  }
  switch (values.get('Status')) {
    case 'Started':
      return { kind: 'start', ...headOf(key, values) };
    case 'Ended':
      return endOf(key, values);
    default:
      throw new MailError('it has no line that says Status: Started or Status: Ended');
  }
}

/**
 * Reads a `pipeline_summary`. Its process instance is asked for where the file names none. Throws MailError where there is
 * no process instance, or the file is too large.
 */
export function parseSummary(text: string, processInstance?: string): EndMail {
  const values = readKeyLines(text);
  const named = values.get('ProcessInstance') ?? '';
  const key = named === '' ? (processInstance ?? '') : named;
  if (!PROCESS_INSTANCE.test(key))
    throw new MailError('it has no line with the number of a process instance');
  return endOf(key, values);
}

/** The lines of an end mail in the order of a `pipeline_summary`. */
export function formatSummary(mail: EndMail): string {
  return writeKeyLines(linesOf(mail));
}

function headOf(processInstance: string, values: ReadonlyMap<string, string>): MailHead {
  const text = (key: string): string | null => {
    const value = values.get(key) ?? '';
    return value === '' ? null : value;
  };
  return {
    processInstance,
    host: text('Host'),
    startTime: parseMailDate(values.get('StartTime') ?? ''),
    workDir: text('WorkDir'),
    logFile: text('LogFile'),
  };
}

function endOf(processInstance: string, values: ReadonlyMap<string, string>): EndMail {
  const exitCode = values.get('ExitCode') ?? '';
  const seconds = (key: string): number | null => {
    const value = values.get(key) ?? '';
    return /^\d+(\.\d*)?([eE][-+]?\d+)?$/.test(value) ? finite(Number(value)) : null;
  };
  return {
    kind: 'end',
    ...headOf(processInstance, values),
    endTime: parseMailDate(values.get('EndTime') ?? ''),
    exitCode: /^-?\d{1,10}$/.test(exitCode) ? Number(exitCode) : null,
    elapsed: seconds('Elapsed'),
    user: seconds('User'),
    system: seconds('System'),
    variables: new Map(
      [...values]
        .filter(([key]) => key.startsWith(VARIABLE) && key !== VARIABLE)
        .map(([key, value]) => [key.slice(VARIABLE.length), value]),
    ),
    substreams: [...values].flatMap(([key, variables]) => {
      const [, task, stream] = SUBSTREAM.exec(key) ?? [];
      return task === undefined ? [] : [{ task, stream: Number(stream), variables }];
    }),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function linesOf(mail: PipelineMail): readonly KeyLine[] {
  const head: (readonly [string, string | null])[] = [
    ['ProcessInstance', mail.processInstance],
    ['Host', mail.host],
    ['StartTime', dateText(mail.startTime)],
    ['WorkDir', mail.workDir],
    ['LogFile', mail.logFile],
  ];
  const rest: typeof head = mail.kind === 'start' ? [['Status', 'Started']] : endLines(mail);
  return [...head, ...rest].filter((line): line is [string, string] => line[1] !== null);
}

function endLines(mail: EndMail): (readonly [string, string | null])[] {
  const number = (value: number | null): string | null => (value === null ? null : String(value));
  return [
    ...[...mail.variables].map(([name, value]) => [`${VARIABLE}${name}`, value] as const),
    ...mail.substreams.map(
      ({ task, stream, variables }) => [`PipelineCreateStream.${task}.${stream}`, variables] as const,
    ),
    ['Elapsed', number(mail.elapsed)],
    ['User', number(mail.user)],
    ['System', number(mail.system)],
    ['ExitCode', number(mail.exitCode)],
    ['EndTime', dateText(mail.endTime)],
    ['Status', 'Ended'],
  ];
}

function dateText(time: number | null): string | null {
  return time === null ? null : formatMailDate(time);
}
