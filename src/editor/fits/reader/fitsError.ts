/** A file that cannot be shown, or not wholly: one sentence, and what the user can do. */
export class FitsError extends Error {
  override readonly name = 'FitsError';
  /** An imperative sentence without a full stop; empty where nothing can be advised. */
  readonly advice: string;

  constructor(message: string, advice = '', options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}
