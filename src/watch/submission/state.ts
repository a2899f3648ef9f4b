import type { JobSpec, SubmitOutcome } from '../../panda/index.ts';
import type { ManifestInput } from '../../staging/index.ts';
import type { Submission } from '../api.ts';
import type {
  HeaderLine,
  JournalLine,
  RequestSummary,
  StagedFiles,
  StagingPlace,
  SubmissionOwner,
} from './lines.ts';

/** A job as the journal knows it. Its outcome is `unknown` from the moment its sending began. */
export interface StoredJob {
  readonly number: number;
  readonly jobName: string;
  readonly request: RequestSummary;
  readonly spec: JobSpec;
  /** Undefined where the submission is staged nowhere. */
  readonly staged: StagedFiles | undefined;
  readonly outcome: SubmitOutcome;
  /** When it was last about to be sent, epoch milliseconds; null for one that never was, or where it was not noted. */
  readonly sentAt: number | null;
  /** The user does not want to hear of it any more. */
  readonly forgotten: boolean;
}

/** A submission as its journal tells it. */
export interface StoredSubmission extends Submission {
  readonly server: string;
  /** As PanDA calls who submitted it; undefined where that was not known. */
  readonly user: string | undefined;
  readonly jobs: readonly StoredJob[];
  /** Undefined where it is staged nowhere. */
  readonly staging: StoredStaging | undefined;
  /** Who works or worked on it last. */
  readonly owner: SubmissionOwner;
  /** The owner said it was done. */
  readonly released: boolean;
  /** Lines that could not be read, the torn last line of a crash not counted. */
  readonly damagedLines: number;
}

/** Where a submission is staged, and for how long its jobs may use that. */
export interface StoredStaging extends StagingPlace {
  /** Of all its jobs. */
  readonly inputs: readonly ManifestInput[];
  /** When the manifests were signed last, and until when they are good, epoch milliseconds; undefined: never. */
  readonly signed: { readonly at: number; readonly expiresAt: number } | undefined;
}

/** Adds up the lines of one journal. An accepted job stays accepted whatever is noted later. */
export class SubmissionFold {
  #header: HeaderLine | undefined;
  #owner: SubmissionOwner | undefined;
  #released = false;
  readonly #inputs: ManifestInput[] = [];
  #signed: StoredStaging['signed'];
  readonly #jobs = new Map<string, StoredJob>();
  readonly #names = new Map<number, string>();

  add(line: JournalLine): void {
    switch (line.type) {
      case 'submission':
        this.#begin(line);
        return;
      case 'inputs':
        this.#inputs.push(...line.inputs);
        return;
      case 'job':
        this.#addJob(line);
        return;
      case 'ready':
        return;
      case 'signed':
        this.#signed = { at: line.at, expiresAt: line.expiresAt };
        return;
      case 'sending':
        this.#beginSending(line.numbers, line.at ?? null);
        return;
      case 'outcomes':
        for (const outcome of line.outcomes) this.#setOutcome(outcome);
        return;
      case 'forgotten':
        for (const name of line.jobNames) this.#change(name, { forgotten: true });
        return;
      case 'claim':
      case 'released':
        this.#changeOwner(line);
        return;
    }
  }

  /** Undefined before the header. */
  result(damagedLines: number): StoredSubmission | undefined {
    if (this.#header === undefined || this.#owner === undefined) return undefined;
    const { id, name, profile, server, user, submittedAt, staging } = this.#header;
    const jobs = [...this.#jobs.values()].sort((one, other) => one.number - other.number);
    const state = { owner: this.#owner, released: this.#released, damagedLines };
    return {
      id,
      name,
      profile,
      server,
      user,
      submittedAt,
      jobs,
      staging: staging === undefined ? undefined : { ...staging, inputs: this.#inputs, signed: this.#signed },
      outcomes: jobs.map((job) => job.outcome),
      ...state,
    };
  }

  #begin(line: HeaderLine): void {
    this.#header ??= line;
    this.#owner ??= line.owner;
  }

  #addJob({ number, request, spec, staged }: Extract<JournalLine, { type: 'job' }>): void {
    const { jobName } = spec;
    if (this.#names.has(number) || this.#jobs.has(jobName)) return;
    this.#names.set(number, jobName);
    const outcome = {
      kind: 'notSent',
      jobName,
      reason: 'The program ended before this job was sent.',
    } as const;
    const job = { number, jobName, request, spec, staged, outcome, sentAt: null, forgotten: false };
    this.#jobs.set(jobName, job);
  }

  #beginSending(numbers: readonly number[], sentAt: number | null): void {
    const reason = 'The program ended while this job was being sent; it may have been accepted.';
    for (const number of numbers) {
      const jobName = this.#names.get(number);
      if (jobName === undefined) continue;
      this.#change(jobName, { sentAt });
      this.#setOutcome({ kind: 'unknown', jobName, reason });
    }
  }

  #setOutcome(outcome: SubmitOutcome): void {
    if (this.#jobs.get(outcome.jobName)?.outcome.kind === 'accepted') return;
    this.#change(outcome.jobName, { outcome });
  }

  #change(jobName: string, change: Partial<StoredJob>): void {
    const job = this.#jobs.get(jobName);
    if (job !== undefined) this.#jobs.set(jobName, { ...job, ...change });
  }

  #changeOwner(line: Extract<JournalLine, { type: 'claim' | 'released' }>): void {
    if (line.type === 'released') {
      if (line.token === this.#owner?.token) this.#released = true;
    } else if (line.replaces === this.#owner?.token) {
      this.#owner = line.owner;
      this.#released = false;
    }
  }
}

/** Jobs that may or may not exist and that the user still wants to know of. */
export function unknownJobs(submission: StoredSubmission): readonly StoredJob[] {
  return submission.jobs.filter((job) => job.outcome.kind === 'unknown' && !job.forgotten);
}
