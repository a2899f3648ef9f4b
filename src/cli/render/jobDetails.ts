import { errorName, isFinal, withoutRepeats } from '../../panda/index.ts';
import type { JobError, JobRecord, StateChange } from '../../panda/index.ts';
import {
  formatDuration,
  formatRelative,
  formatSize,
  formatTime,
  runTime,
  stateLook,
} from '../../watch/index.ts';
import { jobOfRecord } from '../shapes.ts';
import { stateCell } from './jobTable.ts';
import { clean, cleanLine } from './style.ts';
import type { Style } from './style.ts';
import { displayWidth } from './width.ts';

export interface DetailFacts {
  readonly record: JobRecord;
  readonly errors: readonly JobError[];
  /** Null where the monitor has none. */
  readonly history: readonly StateChange[] | null;
  readonly monitorUrl: string | null;
}

/** All there is to say of one job, as lines. */
export function renderJobDetails(
  { record, errors, history, monitorUrl }: DetailFacts,
  style: Style,
  now: number,
): string[] {
  const job = jobOfRecord(record);
  const state = stateCell(job, style);
  const title = `${style.bold(cleanLine(job.name))}  ${state.paint?.(state.text) ?? state.text}`;
  return [
    title,
    '',
    ...renderFields([...identity(record, now), ['Monitor', monitorUrl]]),
    ...renderErrors(errors, style),
    ...renderTimeline(history ?? [], style, isFinal(record.jobStatus) ? null : now),
    ...renderFiles(record, style),
    ...(record.jobParameters === null ? [] : section('Parameters', [clean(record.jobParameters)], style)),
  ];
}

type Field = readonly [name: string, value: string | null];

function identity(record: JobRecord, now: number): Field[] {
  const job = jobOfRecord(record);
  const ran = runTime(job, now);
  const asked = [
    record.coreCount === null ? '' : `${record.coreCount} core${record.coreCount === 1 ? '' : 's'}`,
    record.minRamCount === null ? '' : formatSize(record.minRamCount * 1e6),
    record.maxWalltime === null ? '' : formatDuration(record.maxWalltime * 1000),
  ];
  const used = [
    (record.cpuConsumptionTime ?? 0) === 0 ? '' : `${record.cpuConsumptionTime} s CPU`,
    record.maxRSS === null || record.maxRSS === 0 ? '' : `${formatSize(record.maxRSS * 1024)} memory`,
  ];
  return [
    ['PandaID', String(record.PandaID)],
    ['Job name', record.jobName],
    ['Site', record.computingSite],
    ['Host', record.modificationHost],
    ['User', record.prodUserName],
    ['Attempt', job.attempt > 0 ? String(job.attempt) : null],
    ['Kind', record.processingType],
    ['Transformation', record.transformation],
    ['Submitted', when(record.creationTime, now)],
    ['Started', when(record.startTime, now)],
    ['Ended', when(record.endTime, now)],
    ['Ran', ran === null ? null : formatDuration(ran)],
    ['Asked for', joined(asked)],
    ['Used', joined(used)],
  ];
}

function when(time: number | null, now: number): string | null {
  return time === null ? null : `${formatTime(time)} (${formatRelative(time, now)})`;
}

function joined(parts: readonly string[]): string | null {
  const given = parts.filter((part) => part !== '');
  return given.length === 0 ? null : given.join(' · ');
}

/** Name and value in two columns; fields without a value are left out. */
export function renderFields(fields: readonly Field[]): string[] {
  const given = fields.flatMap(([name, value]) =>
    value === null || value === '' ? [] : [[name, cleanLine(value)] as const],
  );
  const width = Math.max(0, ...given.map(([name]) => displayWidth(name)));
  return given.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/** Each error in plain words, with the component's own text where it says more, and what to do. */
export function renderErrors(errors: readonly JobError[], style: Style): string[] {
  if (errors.length === 0) return [];
  const lines = withoutRepeats(errors).flatMap((error) => [
    `${style.paint(errorName(error), 31)}  ${cleanLine(error.title)}`,
    ...(error.diag === null ? [] : [`  ${cleanLine(error.diag)}`]),
    `  → ${cleanLine(error.advice)}`,
  ]);
  return section(errors.length === 1 ? 'Error' : 'Errors', lines, style);
}

function renderTimeline(history: readonly StateChange[], style: Style, until: number | null): string[] {
  if (history.length === 0) return [];
  const width = Math.max(...history.map(({ state }) => displayWidth(cleanLine(state))));
  const lines = history.map(({ state, subState, time }, index) => {
    const look = stateLook(state);
    const end = history[index + 1]?.time ?? until;
    const duration = end === null ? '' : formatDuration(Math.max(0, end - time));
    const note = subState === null ? '' : `  ${cleanLine(subState)}`;
    const word = style.paint(`${look.glyph} ${cleanLine(state).padEnd(width)}`, look.ansi);
    return `${formatTime(time).slice(0, 19)}  ${word}  ${duration}${note}`.trimEnd();
  });
  return section('Timeline (UTC)', lines, style);
}

function renderFiles(record: JobRecord, style: Style): string[] {
  if (record.files.length === 0) return [];
  const lines = record.files.map(({ type, lfn, fsize, status }) => {
    const facts = [
      fsize === null || fsize === 0 ? '' : formatSize(fsize),
      status === 'unknown' ? '' : (status ?? ''),
    ];
    return `${(type ?? '').padEnd(6)}  ${[cleanLine(lfn ?? ''), ...facts].filter((fact) => fact !== '').join('  ')}`;
  });
  return section('Files', lines, style);
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  return ['', style.bold(title), ...lines.map((line) => `  ${line}`)];
}
