/**
 * One word for a POSIX shell: what `sh` makes of the result is exactly `text`. Throws for a NUL, which no argument of a
 * program can hold.
 */
export function shellQuote(text: string): string {
  if (text.includes('\0')) {
    throw new RangeError('an argument cannot hold the character NUL');
  }
  if (text !== '' && /^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) {
    return text;
  }
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command line of words, each quoted where it has to be. */
export function shellJoin(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}
