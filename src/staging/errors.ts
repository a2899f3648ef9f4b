/**
 * What kind of trouble staging met:
 * - `notFound`: no such object; `noBucket`: no such bucket or folder;
 * - `denied`: no credentials, wrong ones, or not enough rights; `expired`: credentials, or a URL, out of date;
 * - `clockSkew`: this machine's clock is too far from the store's;
 * - `unreachable`: no connection, it broke, or the store is overloaded;
 * - `checksum`: other bytes arrived than were sent; `changed`: a file or object changed under way;
 * - `full`: no space left, here or there;
 * - `badName`: a name or key that cannot be used; `local`: a file of this machine that cannot be read or written;
 * - `protocol`: the answer was not one of an S3 store, or a setting is wrong.
 */
export type StagingErrorKind =
  | 'notFound'
  | 'noBucket'
  | 'denied'
  | 'expired'
  | 'clockSkew'
  | 'unreachable'
  | 'checksum'
  | 'changed'
  | 'full'
  | 'badName'
  | 'local'
  | 'protocol';

export interface StagingErrorFacts {
  readonly kind: StagingErrorKind;
  /** What was tried, as a clause: "read in/a.txt of bucket desc". */
  readonly tried: string;
  /** What came back, free of secrets. */
  readonly cameBack: string;
  /** What the user can do, as an imperative sentence without a full stop. */
  readonly advice: string;
  /** True for trouble that may be gone at the next try. */
  readonly passing?: boolean;
  readonly cause?: unknown;
}

/** The one error of staging. Its message is fit for users: `Could not <tried>: <cameBack>.` */
export class StagingError extends Error {
  override readonly name = 'StagingError';
  readonly kind: StagingErrorKind;
  readonly advice: string;
  readonly passing: boolean;

  constructor(facts: StagingErrorFacts) {
    super(
      `Could not ${facts.tried}: ${facts.cameBack}.`,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    );
    this.kind = facts.kind;
    this.advice = facts.advice;
    this.passing = facts.passing ?? false;
  }
}

/** The code of a system error (`ENOENT`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Makes a file system's error one for users; errors that are ours, and aborts, stay as they are. */
export function localError(error: unknown, tried: string): unknown {
  const code = systemCode(error);
  if (error instanceof StagingError || code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  const [cameBack, advice] = LOCAL_TROUBLE.get(code) ?? [code, 'Look at the file and its folder'];
  const kind = FULL.has(code) ? 'full' : 'local';
  return new StagingError({ kind, tried, cameBack, advice, cause: error });
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

const LOCAL_TROUBLE: ReadonlyMap<string, readonly [cameBack: string, advice: string]> = new Map([
  ['ENOENT', ['there is no such file', 'Check the name']],
  ['EACCES', ['it is not permitted', 'Check the rights of the file and its folder']],
  ['EPERM', ['it is not permitted', 'Check the rights of the file and its folder']],
  ['EROFS', ['the file system is read-only', 'Choose another folder']],
  ['EISDIR', ['it is a folder', 'Name a file']],
  ['ENOTDIR', ['a folder on the way is a file', 'Choose another folder']],
  ['EEXIST', ['a file is in the place of a folder', 'Choose another folder']],
  ['ENOSPC', ['no space is left on the disk', 'Free some space, or choose another disk']],
  ['EDQUOT', ['your disk quota is used up', 'Free some space, or choose another disk']],
  ['EMFILE', ['too many files are open', 'Try again with fewer files at a time']],
  ['ENAMETOOLONG', ['the name is too long', 'Shorten the name']],
]);
