import { h } from '../dom.ts';
import { type LineText, lineText } from './lineText.ts';
import type { LogWindow, Row } from './logWindow.ts';

const CACHED_LINES = 400;
/** Only the head of a very long line is looked through for matches to mark. */
const MARKED_CHARACTERS = 20_000;

interface Run {
  readonly from: number;
  readonly to: number;
  readonly classes: string;
}

/** Draws rows: number, text, ANSI looks, marks of a search. */
export class RowPainter {
  readonly #window: LogWindow;
  #cache = new Map<number, { readonly text: LineText; readonly marks: readonly Run[] }>();
  #expression: RegExp | null = null;

  constructor(window: LogWindow) {
    this.#window = window;
  }

  /** Forgets what it knows of lines: they are other lines now, or longer. */
  forget(): void {
    this.#cache.clear();
  }

  /** What to mark from now on. */
  mark(expression: RegExp | null): void {
    this.#expression = expression;
    this.#cache.clear();
  }

  paint(index: number, currentLine: number | null): HTMLElement {
    const row = this.#window.row(index);
    const first = row.from === 0;
    const number = this.#window.firstLine === null ? '' : String(this.#window.firstLine + row.line + 1);
    const classes = ['row'];
    if (row.line === currentLine) classes.push('current');
    return h(
      'div',
      { class: classes.join(' ') },
      h('span', { class: 'gutter', 'aria-hidden': 'true', 'data-number': first ? number : '↳' }),
      this.#text(row),
    );
  }

  /** The text of a line as shown. */
  lineText(line: number): string {
    return this.#line(line).text.text;
  }

  #text(row: Row): HTMLElement {
    const { text, marks } = this.#line(row.line);
    const to = Math.min(row.to, text.text.length);
    const element = h('span', { class: 'text' });
    for (const run of cut(text.spans, marks, row.from, to)) {
      const part = text.text.slice(run.from, run.to);
      element.append(run.classes === '' ? part : h('span', { class: run.classes }, part));
    }
    return element;
  }

  #line(line: number): { readonly text: LineText; readonly marks: readonly Run[] } {
    const known = this.#cache.get(line);
    if (known !== undefined) return known;
    const text = lineText(this.#window.raw(line));
    const made = { text, marks: this.#expression === null ? [] : matches(text.text, this.#expression) };
    if (this.#cache.size >= CACHED_LINES) this.#cache.clear();
    this.#cache.set(line, made);
    return made;
  }
}

function matches(text: string, expression: RegExp): Run[] {
  const runs: Run[] = [];
  for (const match of text.slice(0, MARKED_CHARACTERS).matchAll(expression)) {
    if (match[0] !== '')
      runs.push({ from: match.index, to: match.index + match[0].length, classes: 'match' });
  }
  return runs;
}

/** Parts columns `[from, to)` where a look or a mark begins or ends. */
function cut(looks: readonly Run[], marks: readonly Run[], from: number, to: number): Run[] {
  const all = [...looks, ...marks].filter((run) => run.to > from && run.from < to);
  if (all.length === 0) return to > from ? [{ from, to, classes: '' }] : [];
  const edges = new Set([from, to]);
  for (const run of all) {
    edges.add(Math.max(from, run.from));
    edges.add(Math.min(to, run.to));
  }
  const sorted = [...edges].sort((one, other) => one - other);
  return sorted.slice(0, -1).map((start, index) => {
    const covering = all.filter((run) => run.from <= start && run.to > start);
    return {
      from: start,
      to: sorted[index + 1] ?? to,
      classes: covering.map((run) => run.classes).join(' '),
    };
  });
}
