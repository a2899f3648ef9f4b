import type { JobError } from './jobErrors.ts';

/** What pilots write before a reason that the payload's exit code or report has given already. */
const LEADS =
  /^(?:(?:payload reported an error|failed to execute payload|payload ended with|non zero)(?: |$))+/u;

/** The same errors, to be read one after the other: `diag` is null where it says only what one before has said. */
export function withoutRepeats(errors: readonly JobError[]): readonly JobError[] {
  const said: string[] = [];
  return errors.map((error) => {
    const { component, code, title, diag } = error;
    const repeated = diag !== null && repeats(diag, said);
    said.push(plain(title), plain(diag ?? ''), component === 'trans' ? `exit code ${code}` : '');
    return repeated ? { ...error, diag: null } : error;
  });
}

function repeats(diag: string, said: readonly string[]): boolean {
  if (said.length === 0) return false;
  const reason = plain(diag).replace(LEADS, '');
  // A text that was cut short may end within a word.
  const end = /(?:…|\.\.\.)$/u.test(diag.trim()) ? '' : ' ';
  return reason === '' || said.some((text) => ` ${text} `.includes(` ${reason}${end}`));
}

/** Words alone, as case and punctuation differ. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
