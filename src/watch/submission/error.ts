import type { Problem } from '../../panda/index.ts';

/** A submission that was not begun, or a journal that cannot be kept: says what is wrong and what to do. */
export class SubmissionError extends Error {
  override readonly name = 'SubmissionError';
  /** What the user can do, as an imperative sentence without a full stop. */
  readonly advice: string;
  /** Everything found wrong, with its place; empty where the message says it all. */
  readonly problems: readonly Problem[];
  /** True where `force` would go past it. */
  readonly canForce: boolean;

  constructor(
    message: string,
    advice: string,
    options: {
      readonly problems?: readonly Problem[];
      readonly canForce?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.advice = advice;
    this.problems = options.problems ?? [];
    this.canForce = options.canForce ?? false;
  }
}

const causes: Readonly<Record<string, readonly [cause: string, advice: string]>> = {
  ENOSPC: ['the disk is full', 'Free some space there and try again'],
  EDQUOT: ['your disk quota is used up', 'Free some space there and try again'],
  EACCES: ['it may not be written by you', 'Give yourself the right to write there'],
  EPERM: ['it may not be written by you', 'Give yourself the right to write there'],
  EROFS: ['the disk is read-only', 'Choose another folder with DESC_PANDA_HOME'],
  ENOTDIR: ['a file stands where a folder is needed', 'Move that file away'],
};

/** The system's error number in words, with what to do about it. */
export function fileTrouble(error: unknown): readonly [cause: string, advice: string] {
  const code = errorCode(error);
  return (
    causes[code] ?? [
      `the system says ${code === '' ? String(error) : code}`,
      'Look at the folder and try again',
    ]
  );
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
