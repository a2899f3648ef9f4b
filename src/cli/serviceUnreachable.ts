/** A job control daemon that cannot be called. */
export class ServiceUnreachable extends Error {
  override readonly name = 'ServiceUnreachable';
  /** An imperative sentence without a full stop. */
  readonly advice: string;

  constructor(message: string, advice: string, cause: unknown) {
    super(message, { cause });
    this.advice = advice;
  }
}
