import type { CliIo } from './io.ts';
import { UsageError } from './usageError.ts';

/** True when the user says yes at the terminal, or did with `--yes`; a UsageError where nobody can be asked. */
export async function confirm(io: CliIo, question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  const answer = await io.ask(`${question} [y/N] `);
  if (answer === undefined) {
    throw new UsageError('This needs a yes, and there is no terminal to ask at.', 'Say it with --yes');
  }
  return /^y(es)?$/i.test(answer.trim());
}
