import type { Metafile } from 'esbuild';

/** Bytes of an output with everything it loads at once, that is, without what it loads on first use. */
export function eagerSize(metafile: Metafile, output: string): number {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const facts = metafile.outputs[name];
    if (facts === undefined || seen.has(name)) return;
    seen.add(name);
    for (const imported of facts.imports) if (imported.kind === 'import-statement') visit(imported.path);
  };
  visit(output);
  return [...seen].reduce((bytes, name) => bytes + (metafile.outputs[name]?.bytes ?? 0), 0);
}

/** The output made from an entry: `src/editor/extension.ts`. */
export function outputOf(metafile: Metafile, entry: string): string {
  const found = Object.entries(metafile.outputs).find(([, facts]) => facts.entryPoint === entry);
  if (found === undefined) throw new Error(`no output was made from ${entry}`);
  return found[0];
}
