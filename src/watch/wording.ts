import { stateOrder } from '../panda/index.ts';
import type { JobState, KnownJobState, StateCounts } from '../panda/index.ts';
import type { TransferProgress } from '../staging/index.ts';
import type { Job } from './api.ts';

/** How a state looks, the same in tree, table, panel, terminal and status bar. */
export interface StateLook {
  readonly codicon: string;
  /** Id of a VS Code theme colour; undefined for the colour of the text around it. */
  readonly themeColor: string | undefined;
  /** One character for a terminal. */
  readonly glyph: string;
  readonly word: string;
  /** Number of an ANSI SGR colour: 31 red, 32 green, 33 yellow, 34 blue, 90 grey; undefined for none. */
  readonly ansi: number | undefined;
}

type Appearance = Omit<StateLook, 'word'>;

const waits: Appearance = {
  codicon: 'circle-outline',
  themeColor: 'descriptionForeground',
  glyph: '○',
  ansi: 90,
};
const queued: Appearance = { codicon: 'clock', themeColor: 'charts.blue', glyph: '◔', ansi: 34 };
const moves: Appearance = { codicon: 'cloud-upload', themeColor: 'charts.blue', glyph: '↑', ansi: 34 };
const ended: Appearance = {
  codicon: 'circle-slash',
  themeColor: 'descriptionForeground',
  glyph: '⊘',
  ansi: 90,
};
const unknown: Appearance = { codicon: 'question', themeColor: 'charts.yellow', glyph: '?', ansi: 33 };
const cancelling: Appearance = {
  codicon: 'loading~spin',
  themeColor: undefined,
  glyph: '⟲',
  ansi: undefined,
};

const appearances: ReadonlyMap<string, Appearance> = new Map<KnownJobState, Appearance>([
  ['pending', waits],
  ['defined', waits],
  ['waiting', waits],
  ['assigned', waits],
  ['throttled', waits],
  ['activated', queued],
  ['sent', queued],
  ['starting', queued],
  ['running', { codicon: 'play', themeColor: 'charts.blue', glyph: '▷', ansi: 34 }],
  ['holding', moves],
  ['transferring', moves],
  ['merging', moves],
  ['finished', { codicon: 'pass', themeColor: 'testing.iconPassed', glyph: '✓', ansi: 32 }],
  ['failed', { codicon: 'error', themeColor: 'testing.iconFailed', glyph: '⊗', ansi: 31 }],
  ['cancelled', ended],
  ['closed', ended],
]);

/** The look of a state; a name we do not know keeps its name and looks unknown. */
export function stateLook(state: JobState, cancelRequested = false): StateLook {
  if (cancelRequested) return { ...cancelling, word: 'cancel requested' };
  return { ...(appearances.get(state) ?? unknown), word: state };
}

/** `1 job`, `1,204 jobs`; `many` only where adding an s is wrong. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `3,120`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** For sorting states: what needs a look first (failed, running), the rest as PanDA orders them, unknown names last. */
export function compareStates(a: JobState, b: JobState): number {
  const urgency = (state: JobState): number => (state === 'failed' ? 0 : state === 'running' ? 1 : 2);
  return urgency(a) - urgency(b) || stateOrder(a) - stateOrder(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** `7 failed · 12 running · 170 finished`. */
export function describeCounts(counts: StateCounts): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => compareStates(a, b))
    .map(([state, count]) => `${formatCount(count)} ${state}`)
    .join(' · ');
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Milliseconds as the two largest units: `4 s`, `3 m 12 s`, `2 h 5 m`, `3 d 4 h`; below a second `< 1 s`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–';
  if (ms < second) return ms === 0 ? '0 s' : '< 1 s';
  const units = [
    [day, 'd'],
    [hour, 'h'],
    [minute, 'm'],
    [second, 's'],
  ] as const;
  const first = units.findIndex(([length]) => ms >= length);
  const parts: string[] = [];
  let rest = ms;
  for (const [length, unit] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ');
}

/** Bytes in decimal units: `0 B`, `999 B`, `1.2 MB`, `340 GB`. */
export function formatSize(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  // 999.5 would round to a four-digit "1000".
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? 'B'}`;
}

/** `2 of 3 files, 1.2 MB of 5.0 MB, 400 kB/s`. */
export function formatTransfer(progress: TransferProgress): string {
  const { files, filesDone, bytes, bytesDone, rate } = progress;
  const pace = rate > 0 ? `, ${formatSize(rate)}/s` : '';
  return `${formatCount(filesDone)} of ${plural(files, 'file')}, ${formatSize(bytesDone)} of ${formatSize(bytes)}${pace}`;
}

/** `3 m ago`, `in 40 s`, `now`; from a day on the date in UTC: `2026-11-23 09:21`. */
export function formatRelative(time: number, now: number): string {
  const distance = now - time;
  const away = Math.abs(distance);
  if (away >= day) return formatTime(time).slice(0, 16);
  if (away < second) return 'now';
  const unit = away >= hour ? hour : away >= minute ? minute : second;
  const text = formatDuration(Math.floor(away / unit) * unit);
  return distance > 0 ? `${text} ago` : `in ${text}`;
}

/** Epoch milliseconds as `2026-11-23 09:21:03 UTC`. */
export function formatTime(time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '–';
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** How long a job ran, or has run until `now`; null before it started. */
export function runTime(job: Pick<Job, 'startTime' | 'endTime'>, now: number): number | null {
  if (job.startTime === null) return null;
  return Math.max(0, (job.endTime ?? now) - job.startTime);
}

/** The short facts behind a job's name: `BNL-LSST · 3 m 12 s`, `BNL-LSST · trans:3`, `cancel requested, waits for the pilot …`. */
export function describeJob(job: Job, now: number): string {
  if (job.cancelRequested) {
    const heard =
      job.modificationTime === null ? '' : ` (last heard ${formatRelative(job.modificationTime, now)})`;
    return `cancel requested, waits for the pilot${heard}`;
  }
  const ran = runTime(job, now);
  const facts = [
    job.site,
    job.error,
    ran === null ? null : formatDuration(ran),
    job.attempt > 1 ? `attempt ${job.attempt}` : null,
  ];
  return facts.filter((fact) => fact !== null && fact !== '').join(' · ');
}
