/**
 * Rooms are entered through their `index.ts`. A bundler that splits takes such a door for a use of all that lies behind
 * it, and loads the whole room with its first name. So we send each import on to the file that has the name.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import { root } from './paths.ts';

const importFromDoor = /^import \{([^}]*)\} from '(\.[\w./-]*\/index\.ts)';/gm;
const exportFrom = /^export (?:\{([^}]*)\}|\*) from '(\.[\w./-]*\.ts)';/gm;
const declaration = /^export (?:async )?(?:const|function\*?|class) (\w+)/gm;

export const doors: Plugin = {
  name: 'doors',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!path.startsWith(join(root, 'src'))) return undefined;
      return { contents: throughDoors(readFileSync(path, 'utf8'), path), loader: 'ts' };
    });
  },
};

/** The source with each name that it imports from a door imported from the name's own file; lines stay where they are. */
export function throughDoors(source: string, path: string): string {
  return source.replace(importFromDoor, (statement, names: string, door: string) => {
    const behind = namesBehind(resolve(dirname(path), door));
    const imports = specifiers(names).map((specifier) => {
      const file = behind.get(specifier.name);
      const from = file === undefined ? door : relativeTo(dirname(path), file.path);
      return `import { ${file?.name ?? specifier.name} as ${specifier.as} } from '${from}';`;
    });
    return imports.join(' ') + '\n'.repeat(statement.split('\n').length - 1);
  });
}

interface Specifier {
  readonly name: string;
  readonly as: string;
}

/** The values among `a, type B, c as d`. */
function specifiers(list: string): Specifier[] {
  const words = list.split(',').map((word) => word.trim());
  return words
    .filter((word) => word !== '' && !word.startsWith('type '))
    .map((word) => {
      const [name = '', as = name] = word.split(/\s+as\s+/);
      return { name, as };
    });
}

interface Place {
  readonly path: string;
  readonly name: string;
}

/** Where each name that a file exports is declared; of a missing file the bundler complains. */
function namesBehind(path: string): Map<string, Place> {
  const found = new Map<string, Place>();
  if (!existsSync(path)) return found;
  const source = readFileSync(path, 'utf8');
  for (const [, name = ''] of source.matchAll(declaration)) found.set(name, { path, name });
  for (const [, list, from = ''] of source.matchAll(exportFrom)) {
    const behind = namesBehind(resolve(dirname(path), from));
    const passed =
      list === undefined ? [...behind.keys()].map((name) => ({ name, as: name })) : specifiers(list);
    for (const { name, as } of passed) {
      const place = behind.get(name);
      if (place !== undefined) found.set(as, place);
    }
  }
  return found;
}

function relativeTo(folder: string, path: string): string {
  const way = relative(folder, path).replaceAll('\\', '/');
  return way.startsWith('.') ? way : `./${way}`;
}
