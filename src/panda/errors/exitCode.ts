import type { AdviceKey } from './advice.ts';

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

/** Exit codes of the wrapper around our payloads. Of other programs they mean something else. */
const OF_WRAPPER: Readonly<Record<number, readonly [title: string, advice: AdviceKey]>> = {
  64: ['The payload was given wrong words, or a list of files that is damaged', 'transformation'],
  65: ['Its input files could not be fetched', 'elsewhere'],
  66: ['An input file is not the one that was sent', 'input'],
  67: ['Its software could not be set up', 'setup'],
  68: ['The payload reported success, but outputs are missing', 'log'],
  69: ['Its outputs could not be sent', 'again'],
  70: ['It used more memory than it asked for', 'memory'],
  71: ['It ran longer than it asked for', 'time'],
  72: ['The disk of the worker node was full', 'disk'],
  73: ['The URLs of its files had expired, or were not given to it', 'again'],
  99: ['It stopped at a checkpoint, with more to do', 'again'],
};

/** What the exit code of a payload means. A text that is no number is quoted. */
export function describeExitCode(
  code: number | string,
  ofWrapper = false,
): readonly [title: string, advice: AdviceKey] {
  const known =
    typeof code === 'number' ? ((ofWrapper ? OF_WRAPPER[code] : undefined) ?? KNOWN[code]) : undefined;
  return known ?? [`The payload ended with exit code ${code}`, 'log'];
}
