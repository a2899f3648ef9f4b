/** A profile that is not there, or cannot be used as it is written. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
  /** What the user can do, as an imperative sentence without a full stop. */
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}
