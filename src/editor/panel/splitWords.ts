/**
 * Words of a command line as a POSIX shell would split them (quotes and backslashes; nothing is expanded), for showing.
 * A text with an open quote comes back as one word, as it is.
 */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (const { 0: part } of line.matchAll(PARTS)) {
    if (/^\s/.test(part)) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    const text = unquote(part);
    if (text === undefined) return [line.trim()];
    word = (word ?? '') + text;
  }
  if (word !== null) words.push(word);
  return words;
}

/** Blanks, quoted parts, an escaped character, plain characters; at last a quote or backslash that has no partner. */
const PARTS = /\s+|'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]|[^\s'"\\]+|['"\\]/g;

function unquote(part: string): string | undefined {
  if (part === "'" || part === '"' || part === '\\') return undefined;
  if (part.startsWith("'")) return part.slice(1, -1);
  if (part.startsWith('"'))
    return part
      .slice(1, -1)
      .replace(/\\\n/g, '')
      .replace(/\\([$`"\\])/g, '$1');
  if (part.startsWith('\\')) return part === '\\\n' ? '' : part.slice(1);
  return part;
}
