import { SaxesParser } from 'saxes';
import type { Diagnostic } from '../../transformations/index.ts';

/** Where something stands: line and columns from 1, counted in UTF-16 units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

export interface XmlAttribute {
  readonly value: string;
  readonly place: TextPlace;
}

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly namespace: string;
  /** The name in its start tag. */
  readonly place: TextPlace;
  /** Those without a prefix. */
  readonly attributes: ReadonlyMap<string, XmlAttribute>;
  readonly children: readonly XmlElement[];
  /** All text directly within, not trimmed; comments are left out. */
  readonly text: string;
}

export interface XmlReading {
  /** Undefined where the text is not well-formed, or too large. */
  readonly root?: XmlElement;
  readonly problems: readonly Diagnostic[];
}

/** UTF-16 units; the largest task files of productions have some 20,000. */
const MOST_TEXT = 4 * 1024 * 1024;
const MOST_ELEMENTS = 50_000;
const MOST_DEPTH = 64;
/** What follows from one mistake is told a few times, not for the rest of the file. */
const MOST_PROBLEMS = 10;

interface OpenElement {
  name: string;
  namespace: string;
  place: TextPlace;
  attributes: Map<string, XmlAttribute>;
  children: OpenElement[];
  text: string;
}

class TooMuch extends Error {}

/** Reads XML with the place of each element and attribute. Nothing is fetched, and entities of a document type are unknown. */
export function readXml(text: string): XmlReading {
  if (text.length > MOST_TEXT) {
    const message = `The file has more than ${MOST_TEXT} characters; a task file of that size is not read`;
    return { problems: [{ line: 1, severity: 'error', code: 'too-large', message }] };
  }
  return new TreeReader(text).read();
}

class TreeReader {
  readonly #text: string;
  readonly #places: LineTable;
  readonly #problems: Diagnostic[] = [];
  readonly #open: OpenElement[] = [];
  #attributes = new Map<string, XmlAttribute>();
  #root: OpenElement | undefined;
  #place: TextPlace = { line: 1, column: 1, endColumn: 1 };
  #elements = 0;
  /** Where the last tag name or attribute ended. */
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#places = new LineTable(text);
  }

  read(): XmlReading {
    const parser = new SaxesParser({ xmlns: true, position: true });
    const position = (): number => Math.min(parser.position, this.#text.length);
    parser.on('error', (error) => this.#problem(position(), 'xml', sentence(error.message)));
    parser.on('opentagstart', ({ name }) => {
      const start = this.#text.lastIndexOf(`<${name}`, position()) + 1;
      this.#place = this.#places.place(start, name.length);
      this.#attributes = new Map();
      this.#at = start + name.length;
    });
    parser.on('attribute', ({ name, value }) => {
      const start = this.#nameAfter(name, position());
      this.#at = position();
      if (!name.includes(':') && name !== 'xmlns') {
        this.#attributes.set(name, { value, place: this.#places.place(start, name.length) });
      }
    });
    parser.on('opentag', ({ local, uri }) => this.#push(local, uri, position()));
    parser.on('closetag', () => void this.#open.pop());
    parser.on('text', (text) => this.#addText(text));
    parser.on('cdata', (text) => this.#addText(text));
    try {
      parser.write(this.#text).close();
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      this.#problem(position(), 'too-large', error.message);
    }
    return this.#problems.length > 0 || this.#root === undefined
      ? { problems: this.#problems }
      : { root: this.#root, problems: [] };
  }

  /** Offset of an attribute's name, which stands between the last thing read and here. */
  #nameAfter(name: string, end: number): number {
    const piece = this.#text.slice(this.#at, end);
    const found = /\S/.exec(piece);
    const start = this.#at + (found?.index ?? 0);
    return this.#text.startsWith(name, start) ? start : Math.max(this.#text.lastIndexOf(name, end), 0);
  }

  #push(name: string, namespace: string, at: number): void {
    this.#elements += 1;
    if (this.#elements > MOST_ELEMENTS) throw new TooMuch(`The file has more than ${MOST_ELEMENTS} elements`);
    if (this.#open.length >= MOST_DEPTH) {
      throw new TooMuch(`Elements stand deeper within one another than ${MOST_DEPTH}`);
    }
    this.#at = at;
    const attributes = this.#attributes;
    const element: OpenElement = { name, namespace, place: this.#place, attributes, children: [], text: '' };
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root ??= element;
    else parent.children.push(element);
    this.#open.push(element);
  }

  #addText(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += text;
  }

  #problem(offset: number, code: string, message: string): void {
    if (this.#problems.length >= MOST_PROBLEMS) return;
    const { line, column } = this.#places.place(Math.max(offset - 1, 0), 1);
    if (this.#problems.some((told) => told.line === line && told.message === message)) return;
    this.#problems.push({ line, column, severity: 'error', code, message });
  }
}

/** The parser's words begin with the place and have no capital: `3:7: unclosed tag.` */
function sentence(message: string): string {
  const bare = message.replace(/^(\d+:\d+: )/, '').replace(/\.$/, '');
  return `Not well-formed XML: ${bare}`;
}

class LineTable {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  place(offset: number, length: number): TextPlace {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const column = offset - (this.#starts[low] ?? 0) + 1;
    return { line: low + 1, column, endColumn: column + length };
  }
}
