/**
 * `corrupt`: the bytes are no object stream; `limit`: deeper, longer or more than allowed; `refused`: a class that may not
 * be here; `version`: a class of another shape than the one that is known; `type`: a value of another class than asked for.
 */
export type SerialErrorKind = 'corrupt' | 'limit' | 'refused' | 'version' | 'type';

/** An object stream cannot be read, or holds something else than expected. */
export class SerialError extends Error {
  override readonly name = 'SerialError';
  readonly kind: SerialErrorKind;

  constructor(kind: SerialErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export function corrupt(message: string): SerialError {
  return new SerialError('corrupt', message);
}
