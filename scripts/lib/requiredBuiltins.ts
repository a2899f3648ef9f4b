/**
 * Node makes a second face of each of its modules that an ES module imports, and asks every name of it: of `http` that
 * loads `fetch` and all that belongs to it, for longer than a call takes. What is required is used as it is.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { resolve } from 'node:path';
import type { Plugin } from 'esbuild';

const statement =
  /(?<=^|;)import\b\s*(?:\*\s*as\s+(?<space>[\w$]+)|(?<whole>[\w$]+)?\s*,?\s*(?:\{(?<names>[^}]*)\})?)\s*from\s*"(?<name>[^"]+)";/gm;

/** Not for the editor's bundle, as VS Code has its own ways with both. Wants a metafile and `require` in a banner. */
export const requiredBuiltins: Plugin = {
  name: 'requiredBuiltins',
  setup(build) {
    build.onEnd(async ({ metafile }) => {
      const outputs = Object.keys(metafile?.outputs ?? {}).filter((name) => /\.m?js$/.test(name));
      await Promise.all(
        outputs.map(async (name) => {
          const file = resolve(build.initialOptions.absWorkingDir ?? '', name);
          await writeFile(file, withRequired(await readFile(file, 'utf8')));
        }),
      );
    });
  },
};

/** The code of a bundle with Node's own modules required where they were imported; lines stay where they are. */
export function withRequired(code: string): string {
  return code.replace(statement, (text, ...rest) => {
    const { space, whole, names, name = '' } = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    if (!isBuiltin(name) || (space ?? whole ?? names) === undefined) return text;
    const places = [
      space ?? whole,
      names === undefined ? undefined : `{${names.replaceAll(/\s+as\s+/g, ': ')}}`,
    ];
    const parts = places
      .filter((place) => place !== undefined)
      .map((place) => `${place} = require("${name}")`);
    return `const ${parts.join(', ')};`;
  });
}
