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
  readonly cause?: unknown;
}

/** The one error of the PanDA client. Its message is fit for users: `Could not <tried>: <cameBack>.` */
export class PandaError extends Error {
  override readonly name = 'PandaError';
  readonly kind: PandaErrorKind;
  readonly tried: string;
  readonly cameBack: string;
  readonly advice: string;
  readonly status: number | undefined;
  readonly mayHaveActed: boolean;

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
  }
}

/** True for the error of an aborted signal: a user who cancels has not met an error. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'CanceledError');
}
