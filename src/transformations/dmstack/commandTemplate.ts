/** What a command template becomes: words, or why it cannot. */
export type FilledTemplate =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'fault'; readonly message: string };

/**
 * Splits a command line as a shell would (blanks, both quotes, backslash; nothing is expanded) and puts values in place of
 * `{name}`. A value never becomes more than the word it stands in. `{{` and `}}` stand for braces.
 */
export function fillCommandTemplate(
  template: string,
  values: Readonly<Record<string, string | undefined>>,
): FilledTemplate {
  const words = splitWords(template);
  if (words === undefined) return { kind: 'fault', message: 'A quote in the command is not closed.' };
  if (words.length === 0) return { kind: 'fault', message: 'The command is empty.' };
  const unknown = new Set<string>();
  const filled = words.map((word) =>
    word.replaceAll(/\{\{|\}\}|\{([a-z][a-z0-9-]*)\}/gu, (whole: string, name: string | undefined) => {
      if (name === undefined) return whole.charAt(0);
      const value = values[name];
      if (value === undefined) unknown.add(name);
      return value ?? whole;
    }),
  );
  const [first] = unknown;
  if (first === undefined) return { kind: 'words', words: filled };
  const known = Object.keys(values).join(', ');
  const message = Object.hasOwn(values, first)
    ? `The command asks for {${first}}, which is not given.`
    : `The command knows no {${first}}: there are ${known}.`;
  return { kind: 'fault', message };
}

/** Undefined when a quote is not closed. */
function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  const part = /\s+|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/uy;
  let word: string | undefined;
  while (part.lastIndex < text.length) {
    const [whole, single, double, escaped, plain] = part.exec(text) ?? [];
    if (whole === undefined) return undefined;
    const piece = single ?? double?.replaceAll(/\\(["\\$`])/gu, '$1') ?? escaped ?? plain;
    if (piece === undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + piece;
  }
  if (word !== undefined) words.push(word);
  return words;
}
