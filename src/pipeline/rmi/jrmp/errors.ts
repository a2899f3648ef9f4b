/**
 * `unreachable`: no connection came about, so that nothing was called; `lost`: it broke after the call was sent, which may
 * have been served or not; `timeout`: the same, as no answer came in time; `protocol`: what answered is no RMI, or not
 * what was called.
 */
export type RmiErrorKind = 'unreachable' | 'lost' | 'timeout' | 'protocol';

/** A remote call that brought neither a result nor an exception of the called object. */
export class RmiError extends Error {
  override readonly name = 'RmiError';
  readonly kind: RmiErrorKind;
  /** What the user can do, as an imperative sentence without a full stop. */
  readonly advice: string;

  constructor(kind: RmiErrorKind, tried: string, cameBack: string, cause?: unknown) {
    super(`Could not ${tried}: ${cameBack}.`, { cause });
    this.kind = kind;
    this.advice = ADVICE[kind];
  }
}

const ADVICE: Readonly<Record<RmiErrorKind, string>> = {
  unreachable: 'Check that the service runs, and that its host and port are right',
  lost: 'Look whether the call was served before you repeat it',
  timeout: 'Look whether the call was served before you repeat it',
  protocol: 'Check that the host and port are those of an RMI service of the expected kind',
};
