import type { JobState } from '../../../panda/index.ts';
import type { MailKind, MailStep } from '../../mail/ledger.ts';
import type { Status } from '../../rmi/index.ts';

/**
 * What a running daemon tells programs of this machine about its jobs, as JSON. Times are epoch milliseconds, null where
 * nothing is known.
 */

/** The pipeline's word for a job; before PanDA has it `SUBMITTING`, and `REFUSED` where PanDA never got it. */
export type HeldStatus = Status | 'SUBMITTING' | 'REFUSED';

/** How often each occurs, without those that do not. */
export type HeldCounts = Readonly<Partial<Record<HeldStatus, number>>>;

export interface HeldTasks {
  /** `OK`, or `Bad ` and what is wrong. */
  readonly status: string;
  readonly startTime: number;
  /** Mails by step; null where no mails are wanted. */
  readonly mails: Readonly<Record<MailStep, number>> | null;
  readonly tasks: readonly HeldTask[];
}

/** The jobs of a task for one of the pipeline's users. */
export interface HeldTask {
  readonly user: string;
  readonly task: string;
  readonly counts: HeldCounts;
}

/** Some of the streams of a task, in the order of their numbers. */
export interface HeldStreams {
  readonly total: number;
  readonly streams: readonly HeldStream[];
}

/** A stream of a task, with all its substreams. */
export interface HeldStream {
  readonly stream: number;
  readonly counts: HeldCounts;
}

/** Some of the jobs of a stream, in the order in which they came. */
export interface HeldJobs {
  readonly total: number;
  readonly jobs: readonly HeldJob[];
}

/** The job of one execution of a process instance. */
export interface HeldJob {
  /** In the daemon's journal. */
  readonly number: number;
  /** Primary key of the process instance. */
  readonly instance: string;
  /** Empty where the pipeline tells none. */
  readonly execution: string;
  /** `sensor.phoSim`; empty where the pipeline tells none. */
  readonly process: string;
  /** `12.3`. */
  readonly streamPath: string;
  readonly status: HeldStatus;
  /** PanDA's word; null where PanDA has said nothing of it. */
  readonly state: JobState | null;
  readonly cancelRequested: boolean;
  readonly pandaId: number | null;
  readonly site: string | null;
  readonly host: string | null;
  readonly exitCode: number | null;
  /** What went wrong, in a sentence. */
  readonly problem: string | null;
  /** When the pipeline asked for it first. */
  readonly received: number;
  readonly submitted: number | null;
  readonly started: number | null;
  readonly ended: number | null;
  /** How far its mails got; null where nothing was tried yet. */
  readonly mails: Readonly<Record<MailKind, MailStep | null>>;
}

/** A mail that a job's end or start makes. */
export interface HeldMail {
  readonly kind: MailKind;
  /** Null where nothing was tried yet. */
  readonly step: MailStep | null;
  /** When it was sent, as far as that was noted. */
  readonly sent: number | null;
  readonly nextTry: number | null;
  readonly tries: number;
  /** Why it could not be sent. */
  readonly problem: string | null;
  readonly messageId: string | null;
  readonly sender: 'daemon' | 'job';
  readonly subject: string;
  /** Composed as it is sent; null where the job writes it itself, or before there is anything to say. */
  readonly text: string | null;
}

/** Which jobs; each word narrows the choice. */
export interface HeldChoice {
  readonly user: string;
  readonly task?: string;
  readonly stream?: number;
  /** Of one job. */
  readonly number?: number;
}

/** What became of a cancel. */
export interface HeldCancel {
  readonly asked: number;
  /** Had ended before. */
  readonly over: number;
  /** Numbers of jobs that PanDA does not end. */
  readonly refused: readonly number[];
}

/** Which of many. */
export interface HeldPage {
  /** From 0. */
  readonly offset: number;
  /** 1 to 1,000. */
  readonly limit: number;
}

/** Rows in one answer, at most. */
export const MOST_ROWS = 1000;
