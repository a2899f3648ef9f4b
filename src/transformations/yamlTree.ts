import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Alias, Document, Node, Scalar } from 'yaml';
import type { Diagnostic } from './diagnostics.ts';

/** Offsets into the text, in UTF-16 units, the end behind the last one. */
export interface YamlPlace {
  readonly start: number;
  readonly end: number;
}

export interface YamlScalar extends YamlPlace {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it is written, without quotes. */
  readonly text: string;
}

export interface YamlList extends YamlPlace {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
}

export interface YamlEntry {
  readonly key: string;
  readonly keyPlace: YamlPlace;
  readonly value: YamlNode;
}

export interface YamlMap extends YamlPlace {
  readonly kind: 'map';
  /** In the order written; entries of merge keys (`<<`) behind the map's own. */
  readonly entries: readonly YamlEntry[];
}

/** What an alias names appears in every place that names it as the same object, never as a copy. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** A YAML text with the places of everything in it. */
export interface YamlFile {
  /** Undefined where the text holds nothing, or cannot be read. */
  readonly root: YamlNode | undefined;
  /** What is wrong with it as YAML. */
  readonly problems: readonly Diagnostic[];
  /** Where something stands, as editors count; the end is left out where it is on another line. */
  place(place: YamlPlace): Pick<Diagnostic, 'line' | 'column' | 'endColumn'>;
}

/** Files of people are smaller (UTF-16 units); a larger one is not read, as that would take too long. */
const LARGEST = 500_000;
const DEEPEST = 64;
const MOST_PROBLEMS = 20;
/** Entries that merge keys may add to all maps together: each may name a large map again. */
const MOST_MERGED = 10_000;

/** Tags that every loader knows. */
const STANDARD_TAG =
  /tag:yaml\.org,2002:(?:binary|bool|float|int|map|merge|null|omap|pairs|seq|set|str|timestamp|value)\b/u;
/** Reads one YAML document. Never throws, takes no longer than the text is long, and never expands an alias. */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const place = placeIn(lines);
  if (text.length > LARGEST) {
    const message = `The file is too large to be checked: it has more than ${LARGEST / 1000} thousand characters.`;
    return {
      root: undefined,
      problems: [{ line: 1, severity: 'information', code: 'too-large', message }],
      place,
    };
  }
  try {
    // Duplicates are found below, as the package compares every key with every other.
    const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
    const documents = 'empty' in parsed ? [] : parsed;
    const converter = new Converter(place);
    const [first, second] = documents;
    const root = first === undefined ? undefined : converter.convert(first);
    if (second !== undefined) {
      const start = second.range[0];
      converter.report(
        { start, end: start },
        'multiple-documents',
        'Only the first document of a file is read.',
      );
    }
    return { root, problems: converter.problems, place };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { root: undefined, problems: [tooDeep({ line: 1 })], place };
  }
}

function placeIn(lines: LineCounter): YamlFile['place'] {
  return ({ start, end }) => {
    const from = lines.linePos(start);
    const to = lines.linePos(end);
    // Without any line the counter answers 0.
    const line = Math.max(1, from.line);
    const column = Math.max(1, from.col);
    return to.line === from.line && to.col > from.col
      ? { line, column, endColumn: to.col }
      : { line, column };
  };
}

function tooDeep(at: Pick<Diagnostic, 'line'>): Diagnostic {
  return {
    ...at,
    severity: 'error',
    code: 'nested-too-deeply',
    message: 'The file is nested too deeply to be read.',
  };
}

class Converter {
  readonly problems: Diagnostic[] = [];
  readonly #place: YamlFile['place'];
  readonly #anchors = new Map<string, YamlNode>();
  #merged = 0;

  constructor(place: YamlFile['place']) {
    this.#place = place;
  }

  convert(document: Document.Parsed): YamlNode | undefined {
    const told = new Set<string>();
    for (const { pos, message } of document.errors) {
      if (message.includes('call stack size')) {
        this.#tellDepth({ start: pos[0], end: pos[1] });
        break;
      }
      // The package says the same once for each level that stays open.
      const text = `${pos[0]} ${message}`;
      if (told.has(text) || told.size >= MOST_PROBLEMS) continue;
      told.add(text);
      this.report(
        { start: pos[0], end: pos[1] },
        'yaml-syntax',
        `This is not valid YAML: ${sentence(message)}`,
      );
    }
    for (const { pos, message } of document.warnings.slice(0, MOST_PROBLEMS)) {
      // A standard tag on a value that YAML 1.1 alone knows, as !!float on inf.
      if (STANDARD_TAG.test(message)) continue;
      this.report({ start: pos[0], end: pos[1] }, 'yaml-tag', sentence(message), 'warning');
    }
    const { contents } = document;
    return contents === null ? undefined : this.#node(contents, contents.range[0], 0);
  }

  report(at: YamlPlace, code: string, message: string, severity: Diagnostic['severity'] = 'error'): void {
    if (this.problems.length < 2 * MOST_PROBLEMS) {
      this.problems.push({ ...this.#place(at), severity, code, message });
    }
  }

  #tellDepth(at: YamlPlace): void {
    if (this.problems.some(({ code }) => code === 'nested-too-deeply')) return;
    this.problems.push(tooDeep(this.#place(at)));
  }

  /** `fallback`: where it would stand, for nodes that are not written. */
  #node(node: Node | null, fallback: number, depth: number): YamlNode {
    const [start, end] = node?.range ?? [fallback, fallback];
    const nothing: YamlScalar = { kind: 'scalar', value: null, text: '', start, end };
    if (node === null) return nothing;
    if (depth > DEEPEST) {
      this.#tellDepth({ start, end });
      return nothing;
    }
    if (isAlias(node)) return this.#alias(node, nothing);
    const converted = this.#known(node, nothing, depth);
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, converted);
    return converted;
  }

  #known(node: Node, nothing: YamlScalar, depth: number): YamlNode {
    if (isScalar(node)) return scalar(node, nothing);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#node(asNode(item), nothing.start, depth + 1));
      return { ...nothing, kind: 'list', items };
    }
    if (!isMap(node)) return nothing;
    const keys: YamlEntry[] = [];
    for (const pair of node.items) {
      const keyNode = asNode(pair.key);
      const key = this.#node(keyNode, nothing.start, depth + 1);
      const value = this.#node(asNode(pair.value), key.end, depth + 1);
      if (key.kind !== 'scalar')
        this.report(key, 'key-not-plain', 'A list or a mapping cannot be a key here.');
      else keys.push({ key: key.text, keyPlace: { start: key.start, end: key.end }, value });
    }
    this.#findDuplicates(keys);
    const own = keys.filter(({ key }) => key !== '<<');
    const sources = keys.filter(({ key }) => key === '<<').map(({ value }) => value);
    return { ...nothing, kind: 'map', entries: [...own, ...this.#merge(own, sources)] };
  }

  #alias(alias: Alias, nothing: YamlScalar): YamlNode {
    const target = this.#anchors.get(alias.source);
    if (target !== undefined) return target;
    this.report(nothing, 'unknown-alias', `There is no anchor &${alias.source} before this place.`);
    return nothing;
  }

  #findDuplicates(entries: readonly YamlEntry[]): void {
    const seen = new Set<string>();
    for (const { key, keyPlace } of entries) {
      if (seen.has(key)) this.report(keyPlace, 'duplicate-key', `The key ${key} stands here twice.`);
      seen.add(key);
    }
  }

  /** What merge keys add: entries whose key is not there yet. */
  #merge(own: readonly YamlEntry[], sources: readonly YamlNode[]): YamlEntry[] {
    const seen = new Set(own.map(({ key }) => key));
    const added: YamlEntry[] = [];
    for (const source of sources.flatMap((node) => (node.kind === 'list' ? node.items : [node]))) {
      if (source.kind !== 'map') continue;
      for (const entry of source.entries) {
        if (seen.has(entry.key) || this.#merged >= MOST_MERGED) continue;
        seen.add(entry.key);
        added.push(entry);
        this.#merged += 1;
      }
    }
    return added;
  }
}

function asNode(value: unknown): Node | null {
  return isScalar(value) || isSeq(value) || isMap(value) || isAlias(value) ? value : null;
}

function scalar({ value, source }: Scalar, nothing: YamlScalar): YamlScalar {
  const isKnown = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
  if (!isKnown) return { ...nothing, text: source ?? '' };
  return { ...nothing, value, text: source ?? String(value) };
}

function sentence(text: string): string {
  const [line = ''] = text.split('\n', 1);
  return /[.!?]$/u.test(line) ? line : `${line}.`;
}

/** The value of a key; undefined where the map has none, or it is no map. */
export function valueOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return entryOf(node, key)?.value;
}

export function entryOf(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;
}

export function isNothing(node: YamlNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.value === null);
}

/** A scalar as text, numbers and the like as they are written; undefined for anything else. */
export function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? node.text : undefined;
}

/** Where to point when a map lacks something: at its first key. */
export function headOf(node: YamlNode): YamlPlace {
  return node.kind === 'map' ? (node.entries[0]?.keyPlace ?? node) : node;
}
