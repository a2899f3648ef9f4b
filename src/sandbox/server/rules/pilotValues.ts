import type { JobAttribute } from '../../../panda/index.ts';
import type { JobChanges } from '../store/columns.ts';
import { truncated } from '../store/columnLengths.ts';
import { parseSecondsText, secondsText } from '../wire/dateTime.ts';
import {
  int,
  intOrStr,
  number,
  optional,
  required,
  str,
  withDefault,
  type Arguments,
} from '../wire/parameters.ts';

/** The arguments of `update_job`. Memory in kB, I/O in bytes, times as `YYYY-MM-DD HH:MM:SS` UTC. */
export const UPDATE_PARAMETERS = {
  job_id: required(int),
  job_status: required(str),
  job_output_report: withDefault(str, ''),
  node: optional(str),
  cpu_consumption_time: optional(int),
  cpu_consumption_unit: optional(str),
  scheduler_id: optional(str),
  pilot_id: optional(str),
  site_name: optional(str),
  pilot_log: withDefault(str, ''),
  meta_data: withDefault(str, ''),
  cpu_conversion_factor: optional(number),
  trans_exit_code: optional(intOrStr),
  pilot_error_code: optional(int),
  pilot_error_diag: optional(str),
  exe_error_code: optional(int),
  exe_error_diag: optional(str),
  pilot_timing: optional(str),
  start_time: optional(str),
  end_time: optional(str),
  n_events: optional(int),
  n_input_files: optional(int),
  batch_id: optional(str),
  attempt_nr: optional(int),
  job_metrics: optional(str),
  stdout: withDefault(str, ''),
  job_sub_status: optional(str),
  core_count: optional(int),
  max_rss: optional(number),
  max_vmem: optional(number),
  max_swap: optional(number),
  max_pss: optional(number),
  avg_rss: optional(number),
  avg_vmem: optional(number),
  avg_swap: optional(number),
  avg_pss: optional(number),
  tot_rchar: optional(number),
  tot_wchar: optional(number),
  tot_rbytes: optional(number),
  tot_wbytes: optional(number),
  rate_rchar: optional(number),
  rate_wchar: optional(number),
  rate_rbytes: optional(number),
  rate_wbytes: optional(number),
  corrupted_files: optional(str),
  mean_core_count: optional(int),
  cpu_architecture_level: optional(str),
  grid: optional(str),
  source_site: optional(str),
  destination_site: optional(str),
  timeout: withDefault(int, 60),
};
export type UpdateArguments = Arguments<typeof UPDATE_PARAMETERS>;

const TEXTS = [
  ['modificationHost', 'node'],
  ['cpuConsumptionUnit', 'cpu_consumption_unit'],
  ['cpu_architecture_level', 'cpu_architecture_level'],
  ['schedulerID', 'scheduler_id'],
  ['pilotID', 'pilot_id'],
  ['batchID', 'batch_id'],
  ['pilotErrorDiag', 'pilot_error_diag'],
  ['exeErrorDiag', 'exe_error_diag'],
  ['pilotTiming', 'pilot_timing'],
  ['jobMetrics', 'job_metrics'],
  ['jobSubStatus', 'job_sub_status'],
  ['grid', 'grid'],
  ['sourceSite', 'source_site'],
  ['destinationSite', 'destination_site'],
] as const satisfies readonly (readonly [JobAttribute, keyof UpdateArguments])[];

const INTEGERS = [
  ['cpuConsumptionTime', 'cpu_consumption_time'],
  ['pilotErrorCode', 'pilot_error_code'],
  ['exeErrorCode', 'exe_error_code'],
  ['nEvents', 'n_events'],
  ['nInputFiles', 'n_input_files'],
  ['actualCoreCount', 'core_count'],
  ['maxRSS', 'max_rss'],
  ['maxVMEM', 'max_vmem'],
  ['maxSWAP', 'max_swap'],
  ['maxPSS', 'max_pss'],
  ['avgRSS', 'avg_rss'],
  ['avgVMEM', 'avg_vmem'],
  ['avgSWAP', 'avg_swap'],
  ['avgPSS', 'avg_pss'],
] as const satisfies readonly (readonly [JobAttribute, keyof UpdateArguments])[];

/** Sent in bytes, kept in kB and within ten digits. */
const TRAFFIC = [
  ['totRCHAR', 'tot_rchar'],
  ['totWCHAR', 'tot_wchar'],
  ['totRBYTES', 'tot_rbytes'],
  ['totWBYTES', 'tot_wbytes'],
  ['rateRCHAR', 'rate_rchar'],
  ['rateWCHAR', 'rate_wchar'],
  ['rateRBYTES', 'rate_rbytes'],
  ['rateWBYTES', 'rate_wbytes'],
] as const satisfies readonly (readonly [JobAttribute, keyof UpdateArguments])[];

const MAX_TRAFFIC = 10 ** 10 - 1;

/** A pilot's values, fit for their columns: texts cut, decimals cut to integers, what cannot be read left out. */
export function updateValues(given: UpdateArguments, now: number): JobChanges {
  const changes: Record<string, string | number | null> = {};
  for (const [attribute, name] of TEXTS) {
    const value = given[name];
    if (value !== null && value !== '') changes[attribute] = truncated(attribute, value);
  }
  for (const [attribute, name] of INTEGERS) {
    const value = given[name];
    if (value !== null && Number.isSafeInteger(Math.trunc(value))) changes[attribute] = Math.trunc(value);
  }
  for (const [attribute, name] of TRAFFIC) {
    const value = given[name];
    if (value !== null) changes[attribute] = Math.min(Math.trunc(Math.trunc(value) / 1024), MAX_TRAFFIC);
  }
  if (given.trans_exit_code !== null && given.trans_exit_code !== '') {
    changes.transExitCode = truncated('transExitCode', String(given.trans_exit_code));
  }
  if (given.cpu_conversion_factor !== null) changes.cpuConversion = given.cpu_conversion_factor;
  // A negative code asks for a pilot's retry; it is kept as its positive.
  if (typeof changes.pilotErrorCode === 'number') changes.pilotErrorCode = Math.abs(changes.pilotErrorCode);
  return { ...changes, ...times(given), ...leak(given.job_metrics), ...heldBy(given.job_status, now) };
}

function times(given: UpdateArguments): JobChanges {
  const startTime = parseSecondsText(given.start_time ?? '');
  const endTime = parseSecondsText(given.end_time ?? '');
  return { ...(startTime === undefined ? {} : { startTime }), ...(endTime === undefined ? {} : { endTime }) };
}

/** The pilot's fit of a memory leak stands among its metrics. */
function leak(metrics: string | null): JobChanges {
  const slope = /leak=(-?\d+\.*\d+)/u.exec(metrics ?? '')?.[1];
  const fit = /chi2=(-?\d+\.*\d+)/u.exec(metrics ?? '')?.[1];
  return {
    ...(isDecimal(slope) ? { memory_leak: Math.trunc(Number(slope)) + 0 } : {}),
    ...(isDecimal(fit) ? { memory_leak_x2: Math.min(Number(fit), 10 ** 11 - 1) } : {}),
  };
}

function isDecimal(text: string | undefined): text is string {
  return text !== undefined && Number.isFinite(Number(text));
}

function heldBy(state: string, now: number): JobChanges {
  if (state !== 'holding' && state !== 'transferring') return {};
  return { jobDispatcherErrorDiag: `set to ${state} by the pilot at ${secondsText(now)}` };
}
