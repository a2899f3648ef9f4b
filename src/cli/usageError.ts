/** The command line cannot be understood, or what it names cannot be used. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** What the user can do, as an imperative sentence without a full stop. */
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}
