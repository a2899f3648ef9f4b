/** What keeps a pipeline from being emulated, as a sentence without its full stop, and what to do about it. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError';
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}
