/**
 * The lines `key: value` of mails and of `pipeline_summary`. Keys may come in any order, and more than once: the last
 * counts. Lines of another form mean nothing, as a payload writes into the summary, too.
 */

/** UTF-16 units of a text that is read; a mail of the pipeline's has some thousand. */
const MOST_TEXT = 1_000_000;
const MOST_LINES = 20_000;

/** Why a text was not taken for a mail of the pipeline's: a clause for people. */
export class MailError extends Error {
  override readonly name = 'MailError';
}

export type KeyLine = readonly [key: string, value: string];

/** Throws MailError where the text is too large. */
export function readKeyLines(text: string): ReadonlyMap<string, string> {
  if (text.length > MOST_TEXT) throw new MailError(`it has more than ${MOST_TEXT} characters`);
  const lines = text.split(/\r\n|\r|\n/, MOST_LINES + 1);
  if (lines.length > MOST_LINES) throw new MailError(`it has more than ${MOST_LINES} lines`);
  const values = new Map<string, string>();
  for (const line of lines) {
    const [key, value] = split(line);
    if (key === '') continue;
    values.delete(key);
    values.set(key, value);
  }
  return values;
}

function split(line: string): KeyLine {
  const at = line.indexOf(': ');
  if (at >= 0) return [line.slice(0, at).trim(), line.slice(at + 2).trim()];
  const bare = line.trimEnd();
  return bare.endsWith(':') ? [bare.slice(0, -1).trim(), ''] : ['', ''];
}

/** Characters of a line with its end: what SMTP carries (RFC 5321). */
const MOST_LINE = 998;

/**
 * The lines with what mail cannot carry made harmless: line ends within a value become blanks, other characters than
 * ASCII's become `?`, a line that is too long is cut.
 */
export function writeKeyLines(lines: readonly KeyLine[]): string {
  return lines
    .map(([key, value]) => `${ascii(key)}: ${ascii(value)}`.slice(0, MOST_LINE).trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

function ascii(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[^\x20-\x7e]/gu, '?');
}
