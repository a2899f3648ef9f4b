import type { AdviceKey } from './errorAdvice.ts';

/** Exit codes with a meaning of their own, whatever the program: those of the shell and of common signals. */
const KNOWN: Readonly<Record<number, readonly [title: string, advice: AdviceKey]>> = {
  126: ['The payload is not a program that can be run (exit code 126)', 'transformation'],
  127: ['A command of the payload was not found (exit code 127)', 'setup'],
  134: ['The payload gave up by itself (SIGABRT)', 'log'],
  135: ['The payload read or wrote memory that is not there (SIGBUS)', 'log'],
  137: ['The payload was killed (SIGKILL), most often because it used too much memory', 'memory'],
  139: ['The payload read or wrote memory that is not its own (SIGSEGV)', 'log'],
  143: ['The payload was told to end (SIGTERM)', 'time'],
  152: ['The payload used up its CPU time (SIGXCPU)', 'time'],
};

/** What the exit code of a payload means. A text that is no number is quoted. */
export function describeExitCode(code: number | string): readonly [title: string, advice: AdviceKey] {
  const known = typeof code === 'number' ? KNOWN[code] : undefined;
  return known ?? [`The payload ended with exit code ${code}`, 'log'];
}
