/**
 * The words of a line as a POSIX shell splits them: quotes and backslashes count, nothing is expanded. Undefined for a
 * quote that is not closed, or a backslash at the end.
 */
export function splitShellWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  const pieces = /(\s+)|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)|['"\\]/g;
  for (const [, blank, single, double, escaped, plain] of line.matchAll(pieces)) {
    if (blank !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const text = single ?? double?.replace(/\\([$`"\\])/g, '$1') ?? escaped ?? plain;
    if (text === undefined) return undefined;
    word = (word ?? '') + text;
  }
  if (word !== undefined) words.push(word);
  return words;
}
