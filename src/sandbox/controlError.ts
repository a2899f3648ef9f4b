import { explainTrouble } from './server/trouble.ts';

/** What went wrong with a sandbox as a whole (starting, stopping, resetting), and what the user can do. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  /** An imperative sentence without a full stop. */
  readonly advice: string;

  constructor(message: string, advice: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.advice = advice;
  }
}

/** A folder or file that cannot be used, said plainly. */
export function folderError(folder: string, error: unknown): SandboxError {
  return new SandboxError(
    `The sandbox’s folder ${folder} cannot be used: ${explainTrouble(error)}`,
    'Free space, check its permissions, or choose another folder with DESC_PANDA_HOME',
    error,
  );
}

const MARK = 'sandbox could not start: ';

/**
 * How the sandbox process tells whoever started it why it cannot go on: one line on stderr, which is its log file.
 * `readStartFailure` finds the last such line again.
 */
export function formatStartFailure(error: SandboxError): string {
  return MARK + JSON.stringify({ message: error.message, advice: error.advice });
}

export function readStartFailure(log: string): SandboxError | undefined {
  const line = log
    .split('\n')
    .filter((text) => text.includes(MARK))
    .at(-1);
  if (line === undefined) return undefined;
  try {
    const facts: unknown = JSON.parse(line.slice(line.indexOf(MARK) + MARK.length));
    if (typeof facts !== 'object' || facts === null) return undefined;
    const { message, advice } = facts as Readonly<Record<string, unknown>>;
    return typeof message === 'string' && typeof advice === 'string'
      ? new SandboxError(message, advice)
      : undefined;
  } catch {
    return undefined; // A torn line tells nothing.
  }
}
