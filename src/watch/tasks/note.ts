import type { UniqueTaskParameters } from '../../panda/index.ts';
import type { SubmissionOwner } from '../submission/lines.ts';

/** What is known of a task that was noted down: `unknown` from before it is sent. */
export type TaskOutcome =
  | { readonly kind: 'accepted'; readonly taskId: number }
  | { readonly kind: 'unknown'; readonly reason: string }
  /** The user does not want to hear of it any more. */
  | { readonly kind: 'forgotten' };

/** A task as its journal knows it. */
export interface TaskNote {
  readonly version: 1;
  /** Of the submission: the end of the task's name. */
  readonly id: string;
  readonly profile: string;
  /** Origin of the server. */
  readonly server: string;
  /** What the user calls it. */
  readonly name: string;
  /** Epoch milliseconds. */
  readonly submittedAt: number;
  /** As PanDA calls who submits it; undefined where that is not known. */
  readonly user?: string;
  readonly parameters: UniqueTaskParameters;
  /** Name in the cache. */
  readonly archive: string;
  /** Who works on it; null: nobody. */
  readonly owner: SubmissionOwner | null;
  readonly outcome: TaskOutcome;
}

type Fields = Readonly<Record<string, unknown>>;

/** Null for anything that is not a note of ours. */
export function parseTaskNote(text: string): TaskNote | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isNote(value) ? (value as unknown as TaskNote) : null;
}

function isNote(value: unknown): value is Fields {
  return (
    isFields(value) &&
    value.version === 1 &&
    ['id', 'profile', 'server', 'name', 'archive'].every((key) => typeof value[key] === 'string') &&
    (value.user === undefined || typeof value.user === 'string') &&
    Number.isSafeInteger(value.submittedAt) &&
    isParameters(value.parameters) &&
    (value.owner === null || isOwner(value.owner)) &&
    isOutcome(value.outcome)
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isParameters(value: unknown): boolean {
  return (
    isFields(value) &&
    typeof value.taskName === 'string' &&
    value.uniqueTaskName === true &&
    Array.isArray(value.jobParameters)
  );
}

function isOwner(value: unknown): boolean {
  return (
    isFields(value) &&
    typeof value.host === 'string' &&
    Number.isSafeInteger(value.pid) &&
    (value.started === null || typeof value.started === 'string') &&
    typeof value.token === 'string'
  );
}

function isOutcome(value: unknown): boolean {
  if (!isFields(value)) return false;
  if (value.kind === 'accepted') return Number.isSafeInteger(value.taskId) && Number(value.taskId) > 0;
  return value.kind === 'forgotten' || (value.kind === 'unknown' && typeof value.reason === 'string');
}
