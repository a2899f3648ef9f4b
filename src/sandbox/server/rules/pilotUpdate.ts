import { isFinal } from '../../../panda/index.ts';
import type { JobChanges, StoredJob } from '../store/columns.ts';

/** What a pilot may say a job's state is. */
export const PILOT_STATES = ['running', 'failed', 'finished', 'holding', 'starting', 'transferring'] as const;
export type PilotState = (typeof PILOT_STATES)[number];

export function isPilotState(state: string): state is PilotState {
  return PILOT_STATES.some((known) => known === state);
}

/** A pilot's message, its values already fit for their columns. */
export interface PilotUpdate {
  readonly state: PilotState;
  readonly attemptNr: number | null;
  readonly values: JobChanges;
}

export type UpdateDecision =
  /** The word for the pilot, and what becomes of the job; `ends` when the adder has to decide about it. */
  | {
      readonly kind: 'answer';
      readonly command: string;
      readonly changes: JobChanges;
      readonly ends: boolean;
    }
  /** The recorded server stumbles over a batch id that is not the job's. */
  | { readonly kind: 'stumble' };

/** Decides what a pilot's message does. `now`: epoch milliseconds; undefined for a job that is not there. */
export function decideUpdate(job: StoredJob | undefined, update: PilotUpdate, now: number): UpdateDecision {
  if (job === undefined || !isPilots(job, update)) return unchanged('tobekilled');
  const ends = update.state === 'finished' || update.state === 'failed';
  const entered = ends ? 'holding' : update.state;
  const command = commandFor(job);
  const ignored = whyIgnored(job, update, entered, command);
  if (ignored !== undefined) return unchanged(ignored);
  if (isOtherBatch(job.batchID, update.values.batchID)) return { kind: 'stumble' };
  const jobStatus = job.jobStatus === 'running' && entered === 'starting' ? 'running' : entered;
  const diag = update.values.jobDispatcherErrorDiag ?? job.jobDispatcherErrorDiag;
  return {
    kind: 'answer',
    command,
    ends,
    changes: {
      ...update.values,
      ...(jobStatus === job.jobStatus && !ends ? {} : { stateChangeTime: now }),
      ...endTime(job, update, jobStatus, now),
      ...startTime(job, update, jobStatus, now),
      // It says that the pilot set the state; at the job's end that is no longer so.
      jobDispatcherErrorDiag: ends ? null : diag,
      modificationTime: now,
      jobStatus,
    },
  };
}

/** Whether the job is in a pilot's hands, and in this attempt's. */
function isPilots(job: StoredJob, { attemptNr }: PilotUpdate): boolean {
  const isActive = job.jobStatus !== 'defined' && !isFinal(job.jobStatus);
  return isActive && (attemptNr === null || attemptNr === job.attemptNr);
}

function unchanged(command: string): UpdateDecision {
  return { kind: 'answer', command, changes: {}, ends: false };
}

/** `debug` and the job's command, joined by a comma; the text `NULL` where there is neither. */
export function commandFor(job: StoredJob): string {
  const words = [isDebugged(job) ? 'debug' : null, job.commandToPilot].filter(
    (word) => word !== null && word !== '',
  );
  return words.length === 0 ? 'NULL' : words.join(',');
}

export function isDebugged(job: StoredJob): boolean {
  return (job.specialHandling ?? '').split(',').some((word) => word === 'debug' || word === 'dm');
}

/** The answer to a message that changes nothing; undefined where it counts. */
function whyIgnored(
  job: StoredJob,
  update: PilotUpdate,
  entered: string,
  command: string,
): string | undefined {
  const from = job.jobStatus;
  const heldByPilot = job.jobDispatcherErrorDiag !== null;
  if (from === 'merging') return command;
  if (from === 'transferring' && entered === 'holding' && !heldByPilot) return 'alreadydone';
  if (from !== 'holding' && from !== 'transferring') return undefined;
  if (entered === 'running' || entered === 'starting') return command;
  if (from !== 'holding') return undefined;
  if (entered === 'transferring' || update.state === 'holding') return command;
  return heldByPilot ? undefined : 'alreadydone';
}

function isOtherBatch(known: string | null, given: string | null | undefined): boolean {
  if (known === null || known === '' || given === null || given === undefined || given === '') return false;
  const isNumber = (text: string): boolean => /^\d+\.*\d+$/u.test(text);
  return known !== given && !isNumber(known) && !isNumber(given);
}

function endTime(job: StoredJob, update: PilotUpdate, jobStatus: string, now: number): JobChanges {
  const stops = jobStatus === 'holding' || (jobStatus === 'transferring' && job.jobStatus === 'running');
  return stops && job.endTime === null && update.values.endTime === undefined ? { endTime: now } : {};
}

function startTime(job: StoredJob, update: PilotUpdate, jobStatus: string, now: number): JobChanges {
  const starts = jobStatus === 'running' && (job.jobStatus === 'sent' || job.jobStatus === 'starting');
  return starts && update.values.startTime === undefined ? { startTime: now } : {};
}
