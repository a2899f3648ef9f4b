/**
 * Reads variables as they are given when a stream is created: `a=3,b=2.5,c="Some, thing"`. What has no name or no `=` is
 * left out.
 */
export function parseVariables(text: string): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  for (const [, name = '', double, single, bare] of text.matchAll(ITEM)) {
    found.push([name, double ?? single ?? bare?.trim() ?? '']);
  }
  return Object.fromEntries(found);
}

const ITEM = /\s*([A-Za-z_]\w*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^,]*))\s*(?:,|$)/g;
