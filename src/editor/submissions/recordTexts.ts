import { compareRecords, formatComparable, type SubmissionRecord } from '../../transformations/index.ts';
import type { Comparison } from '../documents/textDocuments.ts';
import { describeCounts, formatRelative, plural, type JobGroup } from '../../watch/index.ts';

/** A record as one entry of a picker. */
export interface RecordEntry {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** Its name, when, where to, and how its jobs are; `group`: what the store knows of them, where it knows any. */
export function recordEntry(
  { name, submittedAt, profile, jobs, taskId, pandaIds, file, resubmitted, asked }: SubmissionRecord,
  group: JobGroup | undefined,
  now: number,
): RecordEntry {
  const from = resubmitted.length > 0 ? 'old jobs again' : (file ?? '');
  const taken =
    asked.task === undefined
      ? takenText(pandaIds.length, jobs)
      : taskId === null
        ? 'a task that PanDA may not have'
        : `task ${taskId}`;
  const states = group === undefined ? '' : describeCounts(group.states);
  const join = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' · ');
  return {
    label: name,
    description: join([formatRelative(submittedAt, now), profile, from]),
    detail: join([plural(jobs, 'job'), taken, states]),
  };
}

function takenText(taken: number, jobs: number): string {
  return taken === jobs ? '' : `${taken === 0 ? 'none' : taken} taken by PanDA`;
}

/** Two records for the diff editor, the earlier one on the left; undefined where they differ in nothing. */
export function comparisonOf(
  one: SubmissionRecord,
  other: SubmissionRecord,
  now: number,
): Comparison | undefined {
  const [before, after] = one.submittedAt <= other.submittedAt ? [one, other] : [other, one];
  if (compareRecords(before, after).length === 0) return undefined;
  const named = ({ name, submittedAt }: SubmissionRecord): string =>
    `${name} (${formatRelative(submittedAt, now)})`;
  return {
    title: `${named(before)} ↔ ${named(after)}`,
    left: side(before),
    right: side(after),
  };
}

function side(record: SubmissionRecord): Comparison['left'] {
  return { name: `${record.id}.yaml`, text: formatComparable(record) };
}
