import { ADVICE } from './advice.ts';
import type { AdviceKey, ErrorTable } from './advice.ts';
import { PILOT_ERRORS } from './codesPilot.ts';
import { LATER_PILOT_ERRORS } from './codesPilotLater.ts';
import { DDM_ERRORS, JOB_DISPATCHER_ERRORS, SUPERVISOR_ERRORS, TASK_BUFFER_ERRORS } from './codesServer.ts';
import type { JobAttributes } from '../jobs/record.ts';
import { describeExitCode } from './exitCode.ts';

/** The parts of PanDA that report errors of a job. */
export type ErrorComponent =
  'trans' | 'pilot' | 'exe' | 'ddm' | 'taskbuffer' | 'jobdispatcher' | 'brokerage' | 'sup';

/** One error of a job, explained. It is written `component:code`, `pilot:1305`. */
export interface JobError {
  readonly component: ErrorComponent;
  /** A number, but for exit codes that came as another text. */
  readonly code: number | string;
  /** The component's own text, as it came; null where there is none. */
  readonly diag: string | null;
  /** What it means, in plain words. */
  readonly title: string;
  /** What to do about it, as an imperative sentence without a full stop. */
  readonly advice: string;
}

/** The attributes of a record that tell of errors. */
export type ErrorAttributes = Pick<
  JobAttributes,
  'transExitCode' | `${NumberedAttribute}Code` | `${NumberedAttribute}Diag`
>;

type NumberedAttribute =
  | 'pilotError'
  | 'exeError'
  | 'ddmError'
  | 'taskBufferError'
  | 'jobDispatcherError'
  | 'brokerageError'
  | 'supError';

interface Source {
  readonly component: ErrorComponent;
  readonly attribute: NumberedAttribute;
  readonly table: ErrorTable;
  readonly otherwise: readonly [title: string, advice: AdviceKey];
}

/** Which attributes tell of errors, and what their codes mean. */
export const ERROR_SOURCES: readonly Source[] = [
  {
    component: 'pilot',
    attribute: 'pilotError',
    table: { ...PILOT_ERRORS, ...LATER_PILOT_ERRORS },
    otherwise: ['The pilot reported an error', 'pilotLog'],
  },
  {
    component: 'exe',
    attribute: 'exeError',
    table: {},
    otherwise: ['The payload reported an error of its own', 'log'],
  },
  {
    component: 'taskbuffer',
    attribute: 'taskBufferError',
    table: TASK_BUFFER_ERRORS,
    otherwise: ['The server ended the job', 'operators'],
  },
  {
    component: 'jobdispatcher',
    attribute: 'jobDispatcherError',
    table: JOB_DISPATCHER_ERRORS,
    otherwise: ['The server lost the job', 'again'],
  },
  {
    component: 'ddm',
    attribute: 'ddmError',
    table: DDM_ERRORS,
    otherwise: ['Handling its files failed', 'operators'],
  },
  {
    component: 'brokerage',
    attribute: 'brokerageError',
    table: {},
    otherwise: ['No site was found for the job', 'elsewhere'],
  },
  {
    component: 'sup',
    attribute: 'supError',
    table: SUPERVISOR_ERRORS,
    otherwise: ['The batch system reported an error', 'elsewhere'],
  },
];

/** Pilot errors that only say that the payload failed: the payload's exit code says more and comes first. */
const PAYLOAD_FAILED: ReadonlySet<number> = new Set([0, 1200, 1220, 1305, 1310, 1315]);

/**
 * The errors of a job, the one to report first in front; empty where there is none. A payload's exit code comes first,
 * followed by the pilot's text about it, unless the pilot knows a reason from outside the payload.
 */
export function jobErrors(
  record: Partial<ErrorAttributes> & { readonly transformation?: string | null },
): readonly JobError[] {
  const all = ERROR_SOURCES.flatMap((source) => errorOf(record, source));
  const ofExe = isOurPayload(record.transformation ?? '')
    ? all.find(({ component }) => component === 'exe')
    : undefined;
  const exit = exitError(record.transExitCode ?? null, ofExe);
  if (exit === undefined) {
    return all;
  }
  // Said once is enough.
  const errors = all.filter((error) => error !== ofExe || error.code !== exit.code);
  const [first, ...rest] = errors;
  const pilotKnowsMore = first?.component === 'pilot' && !PAYLOAD_FAILED.has(Number(first.code));
  return pilotKnowsMore ? [first, exit, ...rest] : [exit, ...errors];
}

/** `trans:3`: how an error is named in a few characters. */
export function errorName(error: JobError): string {
  return `${error.component}:${error.code}`;
}

function errorOf(record: Partial<ErrorAttributes>, source: Source): JobError[] {
  const code = record[`${source.attribute}Code`] ?? 0;
  if (code === 0) {
    return [];
  }
  const [title, advice] = source.table[code] ?? source.otherwise;
  const diag = record[`${source.attribute}Diag`] ?? null;
  return [
    { component: source.component, code, diag: diag === '' ? null : diag, title, advice: ADVICE[advice] },
  ];
}

/** Whether a transformation is one of our payload scripts, which are named by content: `phosim-1a2b3c4d5e6f.sh`. */
function isOurPayload(transformation: string): boolean {
  return /(?:^|\/)[a-z][a-z-]*-[0-9a-f]{12}\.sh$/.test(transformation);
}

/** A payload of ours that names its exit code in a report has a wrapper that knows why it ended so. */
function exitError(exitCode: string | null, report: JobError | undefined): JobError | undefined {
  const text = exitCode?.trim() ?? '';
  const code = /^-?\d+$/.test(text) ? Number(text) : text;
  if (code === 0 || code === '') {
    return undefined;
  }
  const reported = report?.code === code;
  const [title, advice] = describeExitCode(code, reported);
  return {
    component: 'trans',
    code,
    diag: reported ? report.diag : null,
    title,
    advice: ADVICE[advice],
  };
}
