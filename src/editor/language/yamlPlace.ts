/** Where a line of block-style YAML stands. */
export interface YamlLine {
  /** The keys above it, from the outermost. */
  readonly above: readonly string[];
  /** The key on the line itself. */
  readonly key: string | undefined;
  /** Where the key begins and ends, from 0. */
  readonly from: number;
  readonly to: number;
}

const KEY = /^(\s*)(["']?)([\w-]+)\2\s*:(?:\s|$)/u;
/** Lines that are looked at above. */
const FAR = 5000;

/** The place of a line, from its indentation and the keys above it; `lineAt` gives the text of a line. */
export function yamlPlace(lineAt: (line: number) => string, line: number): YamlLine {
  const text = lineAt(line);
  const own = readKey(text);
  const above: string[] = [];
  let indent = text.length - text.trimStart().length;
  for (let at = line - 1; at >= 0 && at > line - FAR && indent > 0; at -= 1) {
    const found = readKey(lineAt(at));
    if (found === undefined || found.from >= indent) continue;
    above.unshift(found.key);
    indent = found.from;
  }
  return { above, key: own?.key, from: own?.from ?? 0, to: own?.to ?? 0 };
}

function readKey(
  text: string,
): { readonly key: string; readonly from: number; readonly to: number } | undefined {
  const [, blanks = '', quote = '', key] = KEY.exec(text) ?? [];
  if (key === undefined) return undefined;
  return { key, from: blanks.length, to: blanks.length + key.length + 2 * quote.length };
}
