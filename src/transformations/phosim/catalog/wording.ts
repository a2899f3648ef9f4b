import type { Findings } from '../../findings.ts';
import type { FoundWord } from './headerWords.ts';
import type { Line } from './line.ts';

/** What a header word does in a place where nobody expects it. */
export function keywordHarm(word: string, where: string): string {
  if (word === 'includeobj') return `phoSim obeys includeobj in ${where} all the same.`;
  if (word === 'date') {
    return `phoSim takes ${where} for a date, as the word is in it, and stops where the second field has no slashes.`;
  }
  return `phoSim takes ${where} for a setting of ${word}, as the word is in it, and the second field for its value.`;
}

/** Reports a header word in a comment; `found.at` counts from the begin of the line. */
export function tellComment(line: Line, found: FoundWord, findings: Findings): void {
  const column = found.at + 1;
  const place = { ...line.place(), column, endColumn: column + found.word.length };
  findings.add(place, 'warning', 'keyword-in-comment', () => {
    return `Comments are not skipped: ${keywordHarm(found.word, 'the line')}`;
  });
}

/** Reports a byte order mark at the begin of a file. */
export function tellMark(file: number, findings: Findings): void {
  findings.add({ file, line: 1 }, 'warning', 'byte-order-mark', () => {
    return 'The file begins with a byte order mark, which belongs to the first word for phoSim: save it as UTF-8 without one.';
  });
}

/** Somebody's text in a message: short, and without control characters. */
export function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return `“${short.replace(/\p{Cc}/gu, '\ufffd')}”`;
}
