import type { JobSpec, SubmitOutcome } from '../panda/index.ts';
import type { Submission } from './api.ts';
import type { HeaderLine, JournalLine, RequestSummary, SubmissionOwner } from './submissionLines.ts';

/** A job as the journal knows it. Its outcome is `unknown` from the moment its sending began. */
export interface StoredJob {
  readonly number: number;
  readonly jobName: string;
  readonly request: RequestSummary;
  readonly spec: JobSpec;
  readonly outcome: SubmitOutcome;
  /** The user does not want to hear of it any more. */
  readonly forgotten: boolean;
}

/** A submission as its journal tells it. */
export interface StoredSubmission extends Submission {
  readonly server: string;
  readonly jobs: readonly StoredJob[];
  /** Who works or worked on it last. */
  readonly owner: SubmissionOwner;
  /** The owner said it was done. */
  readonly released: boolean;
  /** Lines that could not be read, the torn last line of a crash not counted. */
  readonly damagedLines: number;
}

/** The state of a submission after some lines of its journal. */
export interface SubmissionFold {
  add(line: JournalLine): void;
  /** Undefined before the header. */
  result(damagedLines: number): StoredSubmission | undefined;
}

/** Adds up the lines of one journal. An accepted job stays accepted whatever is noted later. */
export function foldSubmission(): SubmissionFold {
  let header: HeaderLine | undefined;
  let owner: SubmissionOwner | undefined;
  let released = false;
  const jobs = new Map<number, StoredJob>();
  const numbers = new Map<string, number>();

  const setOutcome = (number: number | undefined, outcome: SubmitOutcome): void => {
    const job = number === undefined ? undefined : jobs.get(number);
    if (number === undefined || job === undefined || job.outcome.kind === 'accepted') return;
    jobs.set(number, { ...job, outcome });
  };
  const addJob = (line: Extract<JournalLine, { type: 'job' }>): void => {
    const { jobName } = line.spec;
    if (jobs.has(line.number) || numbers.has(jobName)) return;
    numbers.set(jobName, line.number);
    jobs.set(line.number, {
      number: line.number,
      jobName,
      request: line.request,
      spec: line.spec,
      outcome: { kind: 'notSent', jobName, reason: 'the program ended before it was sent' },
      forgotten: false,
    });
  };
  const begin = (number: number): void => {
    const jobName = jobs.get(number)?.jobName;
    if (jobName !== undefined) {
      setOutcome(number, { kind: 'unknown', jobName, reason: 'the program ended while it was being sent' });
    }
  };
  const forget = (jobName: string): void => {
    const number = numbers.get(jobName);
    const job = number === undefined ? undefined : jobs.get(number);
    if (number !== undefined && job !== undefined) jobs.set(number, { ...job, forgotten: true });
  };

  return {
    add(line) {
      switch (line.type) {
        case 'submission':
          header ??= line;
          owner ??= line.owner;
          return;
        case 'job':
          addJob(line);
          return;
        case 'ready':
          return;
        case 'sending':
          line.numbers.forEach(begin);
          return;
        case 'outcomes':
          for (const outcome of line.outcomes) setOutcome(numbers.get(outcome.jobName), outcome);
          return;
        case 'forgotten':
          line.jobNames.forEach(forget);
          return;
        case 'claim':
          if (line.replaces !== owner?.token) return;
          owner = line.owner;
          released = false;
          return;
        case 'released':
          if (line.token === owner?.token) released = true;
          return;
      }
    },
    result(damagedLines) {
      if (header === undefined || owner === undefined) return undefined;
      const { id, name, profile, server, submittedAt } = header;
      const stored = [...jobs.values()].sort((one, other) => one.number - other.number);
      const outcomes = stored.map((job) => job.outcome);
      return {
        id,
        name,
        profile,
        server,
        submittedAt,
        outcomes,
        jobs: stored,
        owner,
        released,
        damagedLines,
      };
    },
  };
}

/** Jobs that may or may not exist and that the user still wants to know of. */
export function unknownJobs(submission: StoredSubmission): readonly StoredJob[] {
  return submission.jobs.filter((job) => job.outcome.kind === 'unknown' && !job.forgotten);
}
