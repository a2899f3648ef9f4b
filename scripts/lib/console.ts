/** A step that failed, in words for whoever ran the script: what was tried and why it failed, and what to do about it. */
export class StepError extends Error {
  readonly advice: string;

  constructor(message: string, advice: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.advice = advice;
  }
}

/** One line about what goes on. */
export function report(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs a script's body; a failure becomes readable text on stderr and exit code 1. */
export async function main(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    process.stderr.write(`${failureText(error)}\n`);
    process.exitCode = 1;
  }
}

export function failureText(error: unknown): string {
  if (error instanceof StepError) return `${error.message}\n→ ${error.advice}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
