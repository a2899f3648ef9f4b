/**
 * What kind of trouble a call met:
 * - `unreachable`: no connection, or it broke or timed out; whether the catalog acted may be unknown (`mayHaveActed`);
 * - `unauthorised`: the catalog knows us not, or does not let us;
 * - `rejected`: the catalog understood and said no, or would: then nothing was sent;
 * - `exists`: what was to be made is there;
 * - `notFound`: what was asked for is not there;
 * - `protocol`: the answer was not a catalog's (HTML, half an answer, the wrong shape).
 */
export type DatacatErrorKind =
  'unreachable' | 'unauthorised' | 'rejected' | 'exists' | 'notFound' | 'protocol';

export interface DatacatErrorFacts {
  readonly kind: DatacatErrorKind;
  /** What was tried, as a clause: "register f1 in /desc at https://host". */
  readonly tried: string;
  /** What came back, already free of secrets and stacks. */
  readonly cameBack: string;
  /** What the user can do, as an imperative sentence without a full stop. */
  readonly advice: string;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** True when the request may have taken effect although no answer arrived. */
  readonly mayHaveActed?: boolean;
  /** True for trouble that may be gone at the next try. */
  readonly passing?: boolean;
}

/** The one error of the catalog's client. Its message is fit for users: `Could not <tried>: <cameBack>.` */
export class DatacatError extends Error {
  override readonly name = 'DatacatError';
  readonly kind: DatacatErrorKind;
  readonly advice: string;
  readonly status: number | undefined;
  readonly mayHaveActed: boolean;
  readonly passing: boolean;

  constructor({ kind, tried, cameBack, advice, status, mayHaveActed, passing }: DatacatErrorFacts) {
    super(`Could not ${tried}: ${cameBack}.`);
    this.kind = kind;
    this.advice = advice;
    this.status = status;
    this.mayHaveActed = mayHaveActed ?? false;
    this.passing = passing ?? false;
  }
}
