import { constants } from 'node:os';
import type { PayloadEnd } from './payload.ts';

/** PanDA's numbers for what a pilot meets (panda-pilot's error codes). */
export const PILOT_ERROR = {
  noLocalSpace: 1098,
  stdoutTooLarge: 1106,
  chmodFailed: 1143,
  killedByServer: 1144,
  transformationDownload: 1149,
  outputMissing: 1165,
  mkdirFailed: 1199,
  unknownSignal: 1200,
  sigterm: 1201,
  outOfMemory: 1212,
  outOfTime: 1213,
  payloadFailed: 1305,
  fileHandling: 1303,
  launchFailed: 1310,
  noServer: 1318,
  internal: 1319,
  logCreation: 1320,
  transformationNotFound: 1346,
  badArguments: 1349,
  outputEmpty: 1350,
  coreDump: 1355,
  badOutputName: 1371,
} as const;

/** An error as the pilot reports it. */
export interface PilotError {
  readonly code: number;
  readonly diag: string;
}

/** The server wants the job to end: the job is then stored as cancelled. */
export const KILLED_BY_SERVER: PilotError = {
  code: PILOT_ERROR.killedByServer,
  diag: 'Killed by the PanDA server',
};

/** `payload_error_report.json`, the payload's own word on what went wrong. */
export interface ErrorReport {
  readonly code: number;
  readonly diag: string;
}

/** What was found when a payload had ended. */
export interface Findings {
  readonly end: PayloadEnd;
  /** Why the pilot ended it, if it did. */
  readonly endedBy: PilotError | undefined;
  readonly report: ErrorReport | undefined;
  /** The line of its output that says most about a failure. */
  readonly tellingLine: string | undefined;
  /** Name of a core dump left in the work folder. */
  readonly coreFile: string | undefined;
  /** True when the kernel killed processes for want of memory while the payload ran. */
  readonly memoryRanOut: boolean;
}

/** Error fields of `update_job`; none for success. */
export interface Verdict {
  readonly ok: boolean;
  readonly fields: Readonly<Record<string, string | number>>;
}

const SIGNAL_CODES: Readonly<Record<string, number>> = {
  SIGTERM: PILOT_ERROR.sigterm,
  SIGQUIT: 1202,
  SIGSEGV: 1203,
  SIGXCPU: 1204,
  SIGBUS: 1206,
  SIGUSR1: 1207,
  SIGINT: 1208,
};

/** Turns the end of a payload into PanDA's error fields (the table of exit codes in the pilot). */
export function judge(findings: Findings): Verdict {
  const { end, endedBy, report } = findings;
  const exitCode = end.kind === 'exit' ? end.code : undefined;
  const trans = exitCode === undefined ? {} : { trans_exit_code: exitCode };
  if (endedBy !== undefined) return failed(endedBy, trans);
  if (report !== undefined) {
    return failed(
      { code: PILOT_ERROR.payloadFailed, diag: `Payload reported an error: ${report.diag}` },
      { ...trans, exe_error_code: report.code, exe_error_diag: cut(report.diag) },
    );
  }
  if (exitCode === 0) return { ok: true, fields: trans };
  return failed(payloadError(findings), trans);
}

/** A failure of the pilot's own making, without a payload's exit code. */
export function failed(error: PilotError, more: Readonly<Record<string, string | number>> = {}): Verdict {
  return {
    ok: false,
    fields: { ...more, pilot_error_code: error.code, pilot_error_diag: cut(error.diag) },
  };
}

function payloadError({ end, tellingLine, coreFile, memoryRanOut }: Findings): PilotError {
  if (end.kind === 'lost') {
    return { code: PILOT_ERROR.unknownSignal, diag: 'Payload was gone when the pilot came back to it' };
  }
  const signal = end.kind === 'signal' ? end.signal : signalOfExitCode(end.code);
  if (coreFile !== undefined) {
    return {
      code: PILOT_ERROR.coreDump,
      diag: `Payload left a core dump: ${coreFile}${signal ? ` (${signal})` : ''}`,
    };
  }
  if (signal === 'SIGKILL' && memoryRanOut) {
    return { code: PILOT_ERROR.outOfMemory, diag: 'Payload was killed when memory ran out on this machine' };
  }
  if (signal !== undefined) {
    return {
      code: SIGNAL_CODES[signal] ?? PILOT_ERROR.unknownSignal,
      diag: `Payload was killed by signal ${signal}`,
    };
  }
  const code = end.kind === 'exit' ? end.code : 0;
  const tail = tellingLine === undefined ? '' : `: ${tellingLine}`;
  return { code: PILOT_ERROR.payloadFailed, diag: `Payload ended with exit code ${code}${tail}` };
}

/** A shell reports a killed command as 128 + signal. */
function signalOfExitCode(code: number): string | undefined {
  const number = code - 128;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}

const MAX_DIAG = 500;

function cut(diag: string): string {
  return diag.length <= MAX_DIAG ? diag : `${diag.slice(0, MAX_DIAG - 1)}…`;
}
