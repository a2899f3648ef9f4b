/** Trouble of this machine: says what, and what to do. */
export class LocalError extends Error {
  override readonly name = 'LocalError';
  /** An imperative sentence without a full stop. */
  readonly advice: string;

  constructor(message: string, advice: string, cause: unknown) {
    super(message, { cause });
    this.advice = advice;
  }
}
