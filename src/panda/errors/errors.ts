import type { Problem } from '../jobs/request.ts';

/**
 * What kind of trouble a call met:
 * - `unreachable`: no connection, or it broke or timed out; whether the server acted may be unknown (`mayHaveActed`);
 * - `unauthorised`: the server knows us not, or does not let us;
 * - `rejected`: the server understood and said no;
 * - `notFound`: what was asked for is not there;
 * - `protocol`: the answer was not PanDA's (HTML, half an answer, the wrong shape).
 */
export type PandaErrorKind = 'unreachable' | 'unauthorised' | 'rejected' | 'notFound' | 'protocol';

export interface PandaErrorFacts {
  readonly kind: PandaErrorKind;
  /** What was tried, as a clause: "submit 12 jobs to https://host:8443". */
  readonly tried: string;
  /** What came back, already free of secrets, stacks and server paths. */
  readonly cameBack: string;
  /** What the user can do, as an imperative sentence without a full stop. */
  readonly advice: string;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** True when the request may have taken effect although no answer arrived. */
  readonly mayHaveActed?: boolean;
  /** True for trouble that may be gone at the next try: no connection, a connection that broke, half an answer. */
  readonly passing?: boolean;
  /** True where nothing works until the user signs in; nothing was done. */
  readonly needsSignIn?: boolean;
  readonly cause?: unknown;
}

/** The one error of the PanDA client. Its message is fit for users: `Could not <tried>: <cameBack>.` */
export class PandaError extends Error {
  override readonly name: string = 'PandaError';
  readonly kind: PandaErrorKind;
  readonly tried: string;
  readonly cameBack: string;
  readonly advice: string;
  readonly status: number | undefined;
  readonly mayHaveActed: boolean;
  readonly passing: boolean;
  readonly needsSignIn: boolean;

  constructor(facts: PandaErrorFacts) {
    super(
      `Could not ${facts.tried}: ${facts.cameBack}.`,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    );
    this.kind = facts.kind;
    this.tried = facts.tried;
    this.cameBack = facts.cameBack;
    this.advice = facts.advice;
    this.status = facts.status;
    this.mayHaveActed = facts.mayHaveActed ?? false;
    this.passing = facts.passing ?? false;
    this.needsSignIn = facts.needsSignIn ?? false;
  }
}

/** A submission that was not sent, because some of its records would be refused or cut. */
export class InvalidJobsError extends PandaError {
  override readonly name: string = 'InvalidJobsError';
  /** Every problem of every job; `where` starts with `jobs[<index>]`. */
  readonly problems: readonly Problem[];

  constructor(tried: string, problems: readonly Problem[]) {
    const shown = problems.slice(0, 5).map((problem) => `${problem.where} ${problem.message}`);
    const rest = problems.length - shown.length;
    super({
      kind: 'rejected',
      tried,
      cameBack: shown.join('; ') + (rest > 0 ? `; and ${rest} more` : ''),
      advice: 'Mend what is named and submit again; nothing was sent',
    });
    this.problems = problems;
  }
}

/** The whole story in one line, for places that hold a text only: `Could not …: …. <Advice>.` */
export function explain(error: PandaError): string {
  return `${error.message} ${error.advice}.`;
}

/** True for the error of an aborted signal: a user who cancels has not met an error. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'CanceledError');
}
