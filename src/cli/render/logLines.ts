import { terminalSafe } from './style.ts';

/** Text beyond this without a line end is printed as it is. */
const LONGEST = 16_384;

/** Puts pieces of text together to lines. */
export function createLinePrinter(print: (line: string) => void) {
  let rest = '';
  return {
    add(text: string): void {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) print(terminalSafe(line.replace(/\r$/, '')));
      if (rest.length > LONGEST) {
        print(terminalSafe(rest));
        rest = '';
      }
    },
    /** Prints a last line without a line end. */
    end(): void {
      if (rest !== '') print(terminalSafe(rest));
      rest = '';
    },
  };
}
