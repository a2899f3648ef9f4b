import { isFinal } from '../../panda/index.ts';
import type { JobRecord, JobState, StateChange } from '../../panda/index.ts';
import { formatDuration, formatTime } from '../../watch/index.ts';
import { stateView } from './stateView.ts';
import type { SegmentView, TimelineView } from './view.ts';

/** A job that goes to and fro (reassigned again and again) shows its latest states. */
const MOST_SEGMENTS = 24;

interface Entered {
  readonly state: JobState;
  /** Epoch milliseconds, UTC. */
  readonly time: number;
}

/** The states of a job to scale: from the monitor's history where there is one, else from the times of the record. */
export function buildTimeline(record: JobRecord, history: readonly StateChange[], now: number): TimelineView {
  const entered = steps(history.length > 0 ? withCurrent(history, record) : fromRecord(record));
  const segments = entered
    .slice(-MOST_SEGMENTS)
    .map((step, index, all) => segment(step, all[index + 1], now));
  return { segments, label: segments.map(({ title }) => title).join('; ') };
}

function segment(step: Entered, next: Entered | undefined, now: number): SegmentView {
  const last = next === undefined;
  const open = last && !isFinal(step.state);
  // Clocks of server and machine differ: a state cannot have been entered after now.
  const length = last && !open ? 0 : Math.max(0, (next?.time ?? now) - step.time);
  const duration = last && !open ? '' : formatDuration(length);
  const since = open ? ` so far` : '';
  return {
    state: stateView(step.state),
    length,
    duration,
    title: `${step.state}: ${formatTime(step.time)}${duration === '' ? '' : `, ${duration}${since}`}`,
    open,
  };
}

/** The history may be older than the record (the monitor's pages are cached): the record's state comes last. */
function withCurrent(history: readonly StateChange[], record: JobRecord): Entered[] {
  const entered: Entered[] = history.map(({ state, time }) => ({ state, time }));
  const latest = Math.max(...entered.map(({ time }) => time));
  const time = record.stateChangeTime ?? record.modificationTime;
  if (!entered.some(({ state }) => state === record.jobStatus)) {
    entered.push({ state: record.jobStatus, time: Math.max(latest, time ?? latest) });
  }
  return entered;
}

/** What the times of a record tell: when it was made, started and ended, and since when it is in its state. */
function fromRecord(record: JobRecord): Entered[] {
  const { creationTime, startTime, endTime, jobStatus } = record;
  // A job that was cancelled before it ran has a start and an end at the same moment.
  const ran = startTime !== null && !(jobStatus === 'cancelled' && startTime === endTime);
  const entered: Entered[] = [];
  const enter = (state: JobState, time: number | null): void => {
    if (time !== null) entered.push({ state, time });
  };
  enter('defined', creationTime);
  if (ran) enter('running', startTime);
  if (ran) enter('holding', endTime);
  const last = entered.at(-1);
  if (last?.state !== jobStatus) {
    const changed = record.stateChangeTime ?? record.modificationTime ?? endTime;
    enter(jobStatus, Math.max(changed ?? -Infinity, last?.time ?? -Infinity));
  }
  return entered.filter(({ time }) => Number.isFinite(time));
}

/** In order of time, each state once in a row, and nothing after a final state. */
function steps(entered: readonly Entered[]): Entered[] {
  const sorted = entered
    .map((step, index) => ({ step, index }))
    .sort((a, b) => a.step.time - b.step.time || a.index - b.index)
    .map(({ step }) => step);
  const kept: Entered[] = [];
  for (const step of sorted) {
    const last = kept.at(-1);
    if (last !== undefined && (last.state === step.state || isFinal(last.state))) continue;
    kept.push(step);
  }
  return kept;
}
