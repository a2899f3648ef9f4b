import { entryOf, nearest, readYaml } from '../../transformations/index.ts';
import type { YamlFile, YamlNode, YamlPlace } from '../../transformations/index.ts';

/** A configuration that cannot be used: everything that is wrong with it, each with its line and column. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[]) {
    super(problems.map((problem) => `${file}:${problem}`).join('\n'));
    this.problems = problems;
  }
}

/** What a text is to be; `parse` gives undefined where it is not. */
export interface TextRule<T> {
  /** As in "has to be …". */
  readonly what: string;
  readonly parse: (text: string) => T | undefined;
}

/**
 * One mapping of a configuration file. Keys are read one by one; what is wrong with one is collected and a stand-in goes
 * on, so that all is found at once.
 */
export interface Section {
  /** Undefined where the key is not there. */
  text<T>(key: string, rule: TextRule<T>): T | undefined;
  /** A missing key is a problem, too. */
  required<T>(key: string, rule: TextRule<T>, standIn: T): T;
  flag(key: string): boolean | undefined;
  texts<T>(key: string, rule: TextRule<T>): readonly T[] | undefined;
  /** A mapping below this one; one without keys where it is not there. */
  section(key: string): Section;
  /** Undefined where it is not there. */
  optionalSection(key: string): Section | undefined;
  /** Keys that nobody gave names, one at least, with their mappings: for maps of the operator's own names. */
  named(key: string, one: string, nameRule: TextRule<string>): readonly (readonly [string, Section])[];
  /** A problem of a key, or of the whole mapping. */
  problem(key: string | undefined, message: string): void;
}

/** Reads a YAML text by `read`, then throws a ConfigError where anything was wrong, also a key that nobody asked for. */
export function readConfig<T>(file: string, text: string, read: (root: Section) => T): T {
  const yaml = readYaml(text);
  const problems = new Problems(yaml);
  for (const { line, column, severity, message } of yaml.problems) {
    if (severity === 'error') problems.addAt(line, column ?? 1, message);
  }
  const wrong = yaml.root !== undefined && yaml.root.kind !== 'map';
  if (wrong) problems.add(yaml.root, 'A mapping is needed here.');
  const root = new MapSection(yaml.root, '', problems, wrong);
  const result = read(root);
  root.finish();
  if (problems.found.length > 0) throw new ConfigError(file, problems.sorted());
  return result;
}

class Problems {
  readonly #yaml: YamlFile;
  readonly found: { readonly line: number; readonly column: number; readonly message: string }[] = [];

  constructor(yaml: YamlFile) {
    this.#yaml = yaml;
  }

  add(at: YamlPlace | undefined, message: string): void {
    const { line, column = 1 } = at === undefined ? { line: 1 } : this.#yaml.place(at);
    this.addAt(line, column, message);
  }

  addAt(line: number, column: number, message: string): void {
    this.found.push({ line, column, message });
  }

  sorted(): readonly string[] {
    return this.found
      .toSorted((one, other) => one.line - other.line || one.column - other.column)
      .map(({ line, column, message }) => `${line}:${column}: ${message}`);
  }
}

class MapSection implements Section {
  readonly #node: YamlNode | undefined;
  readonly #path: string;
  readonly #problems: Problems;
  readonly #asked = new Set<string>();
  readonly #below: MapSection[] = [];
  /** Something else stands in its place, and was told: nothing is missing besides. */
  readonly #wrong: boolean;

  constructor(node: YamlNode | undefined, path: string, problems: Problems, wrong = false) {
    this.#node = node;
    this.#wrong = wrong;
    this.#path = path;
    this.#problems = problems;
  }

  text<T>(key: string, rule: TextRule<T>): T | undefined {
    const node = this.#value(key);
    return node === undefined ? undefined : this.#parsed(key, node, rule);
  }

  required<T>(key: string, rule: TextRule<T>, standIn: T): T {
    const node = this.#value(key);
    if (node === undefined) {
      if (!this.#wrong) this.problem(undefined, `${this.#path}${key} is missing: it has to be ${rule.what}.`);
      return standIn;
    }
    return this.#parsed(key, node, rule) ?? standIn;
  }

  flag(key: string): boolean | undefined {
    return this.text(key, {
      what: 'true or false',
      parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
    });
  }

  texts<T>(key: string, rule: TextRule<T>): readonly T[] | undefined {
    const node = this.#value(key);
    if (node === undefined) return undefined;
    if (node.kind === 'list') return node.items.flatMap((item) => this.#parsed(key, item, rule) ?? []);
    this.#problems.add(node, `${this.#path}${key} has to be a list.`);
    return [];
  }

  section(key: string): Section {
    return this.#sectionOf(key, this.#value(key));
  }

  optionalSection(key: string): Section | undefined {
    const node = this.#value(key);
    return node === undefined ? undefined : this.#sectionOf(key, node);
  }

  named(
    key: string,
    one: string,
    { what, parse }: TextRule<string>,
  ): readonly (readonly [string, Section])[] {
    const node = this.#value(key);
    if (node !== undefined && node.kind !== 'map') {
      this.#problems.add(node, `${this.#path}${key} has to be a mapping.`);
      return [];
    }
    if (node === undefined || node.entries.length === 0) {
      if (!this.#wrong) this.problem(key, `${this.#path}${key} has to name ${one}.`);
      return [];
    }
    return node.entries.map(({ key: name, keyPlace, value }) => {
      if (parse(name) === undefined) this.#problems.add(keyPlace, `${name} has to be ${what}.`);
      return [name, this.#sectionOf(`${key}.${name}`, value)] as const;
    });
  }

  problem(key: string | undefined, message: string): void {
    const entry = key === undefined ? undefined : entryOf(this.#node, key);
    const head = this.#node?.kind === 'map' ? this.#node.entries[0]?.keyPlace : this.#node;
    this.#problems.add(entry?.value ?? head, message);
  }

  /** Names keys that nobody asked for. */
  finish(): void {
    for (const below of this.#below) below.finish();
    if (this.#node?.kind !== 'map') return;
    for (const { key, keyPlace } of this.#node.entries) {
      if (this.#asked.has(key)) continue;
      const near = nearest(key, [...this.#asked]);
      const advice = near === undefined ? '' : `: did you mean ${near}?`;
      this.#problems.add(keyPlace, `There is no key ${this.#path}${key}${advice === '' ? '.' : advice}`);
    }
  }

  #value(key: string): YamlNode | undefined {
    this.#asked.add(key);
    const node = entryOf(this.#node, key)?.value;
    return node?.kind === 'scalar' && node.value === null ? undefined : node;
  }

  #parsed<T>(key: string, node: YamlNode, { what, parse }: TextRule<T>): T | undefined {
    const value = node.kind === 'scalar' ? parse(node.text) : undefined;
    if (value === undefined) this.#problems.add(node, `${this.#path}${key} has to be ${what}.`);
    return value;
  }

  #sectionOf(key: string, node: YamlNode | undefined): MapSection {
    const isMap =
      node === undefined || node.kind === 'map' || (node.kind === 'scalar' && node.value === null);
    if (!isMap) this.#problems.add(node, `${this.#path}${key} has to be a mapping.`);
    const section = new MapSection(isMap ? node : undefined, `${this.#path}${key}.`, this.#problems, !isMap);
    // A mapping that is none has no keys to be asked for.
    if (isMap) this.#below.push(section);
    return section;
  }
}
