import { isNothing, readYaml, textOf, valueOf } from '../yamlTree.ts';
import type { YamlMap, YamlNode, YamlPlace } from '../yamlTree.ts';
import { isElsewhere } from './locations.ts';
import { expandEnvironment } from './surroundings.ts';
import type { YamlSurroundings } from './surroundings.ts';

export interface BpsInclude {
  /** As written. */
  readonly location: string;
  readonly isRead: boolean;
}

export interface IncludeTrouble {
  /** Where the include stands in the submit file that leads to it. */
  readonly at: YamlPlace;
  readonly path: string;
  /** It is not there beside the file, or is among its own includes. */
  readonly kind: 'missing' | 'circle';
}

/** Files that may be read, however they include each other. */
const MOST_INCLUDES = 20;

/** Reads the files that a submit file includes, and those that they include. */
export class IncludeReader {
  readonly includes: BpsInclude[] = [];
  readonly troubles: IncludeTrouble[] = [];
  readonly #surroundings: YamlSurroundings;

  constructor(surroundings: YamlSurroundings) {
    this.#surroundings = surroundings;
  }

  /** The included files, the one that counts most first: a later one overrides an earlier one. */
  read(root: YamlMap): YamlMap[] {
    return this.#read(root, []);
  }

  /** `within`: the files that led to it; `outermost`: the include of the submit file itself. */
  #read(file: YamlMap, within: readonly string[], outermost?: YamlPlace): YamlMap[] {
    const node = valueOf(file, 'includeConfigs');
    if (node === undefined || isNothing(node)) return [];
    const maps: YamlMap[] = [];
    for (const item of node.kind === 'list' ? node.items : [node]) {
      if (this.includes.length >= MOST_INCLUDES) break;
      maps.unshift(...this.#readOne(item, within, outermost ?? item));
    }
    return maps;
  }

  #readOne(item: YamlNode, within: readonly string[], at: YamlPlace): readonly YamlMap[] {
    const location = textOf(item);
    if (location === undefined) return [];
    const path = expandEnvironment(location, this.#surroundings);
    if (within.includes(path)) {
      const isTold = this.troubles.some((told) => told.at === at && told.kind === 'circle');
      if (!isTold) this.troubles.push({ at, path, kind: 'circle' });
      return [];
    }
    const { readFile } = this.#surroundings;
    const text = path.includes('$') ? undefined : readFile?.(path);
    const included = text === undefined ? undefined : readYaml(text).root;
    const isMap = included?.kind === 'map';
    this.includes.push({ location, isRead: isMap });
    if (readFile !== undefined && text === undefined && within.length === 0 && !isElsewhere(path)) {
      this.troubles.push({ at, path, kind: 'missing' });
    }
    return isMap ? [included, ...this.#read(included, [...within, path], at)] : [];
  }
}
