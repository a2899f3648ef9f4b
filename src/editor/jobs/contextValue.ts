import { isFinal, type JobState } from '../../panda/index.ts';
import { tokens, type RowKind, type Token } from '../contributions.ts';

/** What a menu has to know of a row. */
export interface RowFacts {
  readonly kind: RowKind;
  /** Some job here has not ended, and its end was not asked for yet. */
  readonly cancellable?: boolean;
  /** Some job here ended and was submitted with this program. */
  readonly resubmittable?: boolean;
  /** The job ended and a pilot had it: its log does not grow any more. */
  readonly log?: boolean;
  /** The job's outputs are in a folder of this machine. */
  readonly outputs?: boolean;
  /** The job may have left files, which can be asked for. */
  readonly files?: boolean;
  /** The job finished, and the profile names a data catalog for its outputs. */
  readonly registrable?: boolean;
  /** The profile names a monitor. */
  readonly monitor?: boolean;
  /** Some of my jobs failed here. */
  readonly failures?: boolean;
  /** It belongs to one submission of this program, which may have a record. */
  readonly submission?: boolean;
  /** A run of the emulator goes on. */
  readonly underWay?: boolean;
  /** It was stopped before its end. */
  readonly stopped?: boolean;
  /** It does not go on. */
  readonly removable?: boolean;
  /** All process instances here have ended. */
  readonly rollable?: boolean;
  /** The process instance has a job. */
  readonly pandaJob?: boolean;
}

/** The one place that makes a `contextValue`: the tokens of the facts that hold, and more, in a fixed order, apart by blanks. */
export function contextValue({ kind, ...facts }: RowFacts, more: readonly Token[] = []): string {
  const held: Partial<Record<Token, boolean>> = facts;
  return tokens.filter((token) => token === kind || held[token] === true || more.includes(token)).join(' ');
}

/** What the facts of a job are made of. */
export interface JobSituation {
  readonly state: JobState;
  readonly cancelRequested: boolean;
  readonly submittedByUs: boolean;
  readonly started: boolean;
  /** From the profile: outputs lie on this machine; there is a monitor. */
  readonly outputsHere: boolean;
  readonly monitor: boolean;
  readonly datacat?: boolean;
}

export function jobFacts(job: JobSituation): RowFacts {
  const over = isFinal(job.state);
  return {
    kind: 'job',
    cancellable: !over && !job.cancelRequested,
    resubmittable: over && job.submittedByUs,
    log: over && job.started,
    outputs: over && job.started && job.outputsHere,
    files: over && job.started,
    registrable: job.state === 'finished' && job.datacat === true,
    monitor: job.monitor,
    submission: job.submittedByUs,
  };
}
