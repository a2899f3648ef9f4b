import { entryOf, isNothing, readYaml, textOf, valueOf } from '../yamlTree.ts';
import type { YamlMap, YamlNode } from '../yamlTree.ts';
import { expandEnvironment } from './surroundings.ts';
import type { YamlSurroundings } from './surroundings.ts';

/** Labels of a pipeline, with those that its imports bring. */
export interface Labels {
  readonly tasks: ReadonlySet<string>;
  /** Labels of tasks by the label of the subset. */
  readonly subsets: ReadonlyMap<string, ReadonlySet<string>>;
  /** All of the imports could be read, and what those import. */
  readonly complete: boolean;
}

/** Files that are read, however they import each other, and characters of all of them: a second's work or two. */
const MOST_FILES = 200;
const MOST_TEXT = 2_000_000;
const DEEPEST = 20;

const NOTHING: Labels = { tasks: new Set(), subsets: new Map(), complete: false };

/** Reads pipelines for their labels, with all that they import. */
export class LabelReader {
  readonly #surroundings: YamlSurroundings;
  #files = 0;
  #characters = 0;
  #circle: string | undefined;

  constructor(surroundings: YamlSurroundings) {
    this.#surroundings = surroundings;
  }

  /** A file that was met among its own imports. */
  get circle(): string | undefined {
    return this.#circle;
  }

  /**
   * The labels that an import brings, as the loader takes them; nothing where it cannot be read. `within`: the files that
   * led to it.
   */
  ofImport(item: YamlNode, within: readonly string[] = []): Labels {
    return choose(this.ofFile(textOf(valueOf(item, 'location') ?? item), within), item);
  }

  /** The labels of a pipeline file; nothing where it cannot be read. */
  ofFile(location: string | undefined, within: readonly string[] = []): Labels {
    if (location === undefined) return NOTHING;
    const path = importPath(location, this.#surroundings);
    if (within.includes(path)) this.#circle ??= path;
    const root = this.#read(path, within.length);
    return root === undefined ? NOTHING : this.#ofPipeline(root, [...within, path]);
  }

  #read(path: string, depth: number): YamlMap | undefined {
    this.#files += 1;
    if (this.#circle !== undefined || this.#files > MOST_FILES || depth > DEEPEST) return undefined;
    const text = path.includes('$') ? undefined : this.#surroundings.readFile?.(path);
    this.#characters += text?.length ?? 0;
    if (text === undefined || this.#characters > MOST_TEXT) return undefined;
    const { root, problems } = readYaml(text);
    const isSound = problems.every(({ severity }) => severity !== 'error');
    return isSound && root?.kind === 'map' ? root : undefined;
  }

  #ofPipeline(root: YamlMap, within: readonly string[]): Labels {
    const imports = valueOf(root, 'imports');
    const items = imports === undefined || isNothing(imports) ? [] : itemsOf(imports);
    return merge(
      ownLabels(root),
      items.map((item) => this.ofImport(item, within)),
    );
  }
}

/** The path of the file that an import names: the loader takes no labels from behind a #. */
export function importPath(location: string, surroundings: YamlSurroundings): string {
  return expandEnvironment(location, surroundings).split('#', 1)[0] ?? '';
}

function itemsOf(node: YamlNode): readonly YamlNode[] {
  return node.kind === 'list' ? node.items : [node];
}

function ownLabels(root: YamlMap): Labels {
  const tasks = valueOf(root, 'tasks');
  const subsets = valueOf(root, 'subsets');
  return {
    tasks: new Set(tasks?.kind === 'map' ? tasks.entries.map(({ key }) => key) : []),
    subsets: new Map(
      subsets?.kind === 'map'
        ? subsets.entries.map(({ key, value }) => [key, new Set(textsOf(valueOf(value, 'subset') ?? value))])
        : [],
    ),
    complete: true,
  };
}

/** A pipeline's own labels override those of its imports. */
export function merge(own: Labels, imported: readonly Labels[]): Labels {
  return {
    tasks: new Set([...imported, own].flatMap(({ tasks }) => [...tasks])),
    subsets: new Map([...imported, own].flatMap(({ subsets }) => [...subsets])),
    complete: own.complete && imported.every(({ complete }) => complete),
  };
}

/** What include, exclude, rename and the mode leave of the labels of an import. */
function choose(all: Labels, item: YamlNode): Labels {
  const include = labelList(item, 'include');
  const exclude = labelList(item, 'exclude');
  const rename = valueOf(item, 'rename');
  const named = (label: string): string => textOf(valueOf(rename, label)) ?? label;
  const membersOf = (labels: readonly string[]): ReadonlySet<string> =>
    new Set(labels.flatMap((label) => [...(all.subsets.get(label) ?? [])]));
  const included = membersOf(include ?? []);
  const excluded = membersOf(exclude ?? []);
  const isTaken = (label: string): boolean => {
    if (include !== undefined) return include.includes(label) || included.has(label);
    return exclude === undefined || !(exclude.includes(label) || excluded.has(label));
  };
  const tasks = new Set([...all.tasks].filter(isTaken).map(named));
  const isEdited = textOf(valueOf(item, 'labeledSubsetModifyMode')) === 'EDIT';
  const subsets = [...all.subsets].flatMap(([label, members]) => {
    const left = new Set([...members].filter((member) => tasks.has(member)));
    return isEdited || left.size === members.size ? [[label, left] as const] : [];
  });
  return { tasks, subsets: new Map(subsets), complete: all.complete };
}

function labelList(item: YamlNode, key: string): readonly string[] | undefined {
  const node = entryOf(item, key)?.value;
  return node === undefined || isNothing(node) ? undefined : textsOf(node);
}

function textsOf(node: YamlNode): readonly string[] {
  return itemsOf(node).flatMap((item) => textOf(item) ?? []);
}
