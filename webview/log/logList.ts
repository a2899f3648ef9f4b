import type { Place } from '../../src/editor/panel/messages.ts';
import { h } from '../dom.ts';
import type { LogChange } from './logReader.ts';
import { RowPainter } from './logRow.ts';
import type { LogWindow } from './logWindow.ts';
import { selectedText, textBetween } from './selection.ts';

/** Rows drawn above and below what is in view. */
const SPARE_ROWS = 20;
/** Scrolling this close to an end of the window asks for more. */
const EDGE_ROWS = 60;
/** Without wrapping, longer lines go on in a next row: a browser cannot lay out a line of megabytes. */
export const LONGEST_ROW = 4000;
const NARROWEST_ROW = 20;

export interface ListEvents {
  /** The user came close to the start or end of what is loaded. */
  onEdge(edge: 'start' | 'end'): void;
  /** The view moved: is the last row in sight, and which byte of the file is on top. */
  onScroll(): void;
}

/** A list of equally high rows of which only those in view exist. */
export class LogList {
  readonly element: HTMLElement;
  readonly painter: RowPainter;
  readonly #rows: HTMLElement;
  readonly #spacer: HTMLElement;
  readonly #probe: HTMLElement;
  readonly #window: LogWindow;
  readonly #events: ListEvents;
  #drawn = new Map<number, HTMLElement>();
  #wrap = false;
  #rowHeight = 18;
  #charWidth = 8;
  #frame = 0;
  /** Byte offset of the line gone to: lines change their index when others come in above. */
  #current: number | null = null;
  /** A line to show as soon as there is room: the list may be out of sight. */
  #wanted: { readonly offset: number; readonly top: boolean } | null = null;
  /** First row of the last line: it may still grow, and is drawn anew when the end does. */
  #openRow = 0;
  #stick = true;
  #follow = true;

  constructor(window: LogWindow, events: ListEvents) {
    this.#window = window;
    this.#events = events;
    this.painter = new RowPainter(window);
    this.#rows = h('div', { class: 'rows' });
    this.#spacer = h('div', { class: 'spacer' }, this.#rows);
    this.#probe = h('span', { class: 'probe', 'aria-hidden': 'true' }, 'M'.repeat(100));
    this.element = h('div', { class: 'lines', tabindex: '0', role: 'region' }, this.#spacer, this.#probe);
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.element.addEventListener('copy', (event) => this.#copied(event));
    new ResizeObserver(() => this.measure()).observe(this.element);
  }

  /** True when the last loaded row is in view. */
  get atEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < this.#rowHeight;
  }

  /** True while the view stays at the end: nobody has scrolled away from it. */
  get sticks(): boolean {
    return this.#stick;
  }

  /** First line in view. */
  get #topLine(): number {
    return this.#window.row(Math.ceil(this.element.scrollTop / this.#rowHeight)).line;
  }

  get topPlace(): Place {
    const line = this.#topLine;
    const { firstLine } = this.#window;
    return { offset: this.#window.offsetOf(line), line: firstLine === null ? null : firstLine + line };
  }

  set wrap(wrap: boolean) {
    this.#wrap = wrap;
    this.element.classList.toggle('wrap', wrap);
    this.measure();
  }

  /** Whether the view goes along with a growing end (if it is in view). */
  set follow(follow: boolean) {
    this.#follow = follow;
  }

  /** Takes new sizes of window and font: columns, row height, and keeps the line on top where it is. */
  measure(): void {
    const box = this.#probe.getBoundingClientRect();
    if (box.width === 0 || this.element.clientWidth === 0) return;
    const top = this.#topLine;
    const stick = this.#stick;
    const wanted = this.#wanted;
    this.#wanted = null;
    this.#charWidth = box.width / 100;
    this.#rowHeight = Math.max(1, Math.round(box.height));
    this.element.style.setProperty('--row-height', `${this.#rowHeight}px`);
    this.#window.setColumns(this.#wrap ? this.#columnsInView() : LONGEST_ROW);
    this.#redraw();
    if (stick) this.toEnd();
    else if (wanted !== null) this.#showOffset(wanted.offset, wanted.top);
    else this.element.scrollTop = this.#window.rowOf(top) * this.#rowHeight;
  }

  /** The window changed: keep what is in view in its place, or go where it says. */
  apply(change: LogChange): void {
    if (change.kind === 'state') return;
    if (change.kind === 'rows') {
      this.#rowsChanged(change.above);
      return;
    }
    this.#redraw();
    if (change.to === 'end') this.toEnd();
    else this.#showOffset(change.to, change.top);
  }

  /** The line shown as the one gone to; null for none. */
  setCurrent(offset: number | null): void {
    this.#current = offset;
    this.#redraw();
  }

  /** Marks what matches in the lines in view. */
  mark(expression: RegExp | null): void {
    this.painter.mark(expression);
    this.#redraw();
  }

  toEnd(): void {
    this.#stick = true;
    this.element.scrollTop = this.element.scrollHeight;
    this.#draw();
  }

  /** The selected text; empty where nothing of the log is selected. */
  selection(): string {
    return selectedText(this.#rows, this.#window, this.painter);
  }

  /** Everything that is loaded. */
  allText(): string {
    return textBetween(
      { line: 0, column: 0 },
      { line: this.#window.lines - 1, column: Number.MAX_SAFE_INTEGER },
      this.painter,
    );
  }

  #showOffset(offset: number, atTop: boolean): void {
    this.#stick = false;
    if (this.element.clientHeight === 0) {
      this.#wanted = { offset, top: atTop };
      return;
    }
    const line = this.#window.lineAt(offset) ?? 0;
    const row = this.#window.rowOf(line);
    const { clientHeight, scrollTop } = this.element;
    const top = row * this.#rowHeight;
    const inView = !atTop && top >= scrollTop && top + this.#rowHeight <= scrollTop + clientHeight;
    if (!inView) this.element.scrollTop = Math.max(0, atTop ? top : top - clientHeight / 3);
    this.#draw();
  }

  #columnsInView(): number {
    const gutter = this.#rows.querySelector('.gutter')?.getBoundingClientRect().width ?? 8 * this.#charWidth;
    const room = this.element.clientWidth - gutter - 2 * this.#charWidth;
    return Math.max(NARROWEST_ROW, Math.floor(room / this.#charWidth));
  }

  #scrolled(): void {
    this.#stick = this.atEnd;
    this.#draw();
    this.#events.onScroll();
    const top = this.element.scrollTop / this.#rowHeight;
    const inView = this.element.clientHeight / this.#rowHeight;
    if (top < EDGE_ROWS) this.#events.onEdge('start');
    if (top + inView > this.#window.rows - EDGE_ROWS) this.#events.onEdge('end');
  }

  /** Rows came or went at the ends; those drawn stay as they are, and so does a selection in them. */
  #rowsChanged(above: number): void {
    const stick = this.#stick && this.#follow;
    const top = this.element.scrollTop + above * this.#rowHeight;
    const drawn = [...this.#drawn];
    this.#drawn.clear();
    for (const [index, row] of drawn) {
      const moved = index + above;
      if (moved < 0 || index >= this.#openRow) row.remove();
      else this.#place(moved, row);
    }
    this.painter.forget();
    this.#layOut();
    if (above !== 0) this.element.scrollTop = Math.max(0, top);
    if (stick && above <= 0) this.toEnd();
  }

  #redraw(): void {
    this.painter.forget();
    this.#drawn.clear();
    this.#rows.replaceChildren();
    this.#layOut();
  }

  #layOut(): void {
    this.#openRow = this.#window.lines === 0 ? 0 : this.#window.rowOf(this.#window.lines - 1);
    const digits = String((this.#window.firstLine ?? 0) + this.#window.lines).length;
    this.element.style.setProperty('--digits', String(Math.max(3, digits)));
    const width = this.#wrap ? 0 : Math.ceil((this.#window.widest() + digits + 6) * this.#charWidth);
    this.#spacer.style.minWidth = this.#wrap ? '100%' : `max(100%, ${width}px)`;
    this.#spacer.style.height = `${this.#window.rows * this.#rowHeight}px`;
    this.#draw();
  }

  /** Draws at the next frame: many changes make one drawing. */
  #draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / this.#rowHeight) - SPARE_ROWS);
    const last = Math.min(
      this.#window.rows,
      Math.ceil((scrollTop + clientHeight) / this.#rowHeight) + SPARE_ROWS,
    );
    const kept = this.#selectedRows();
    for (const [index, row] of this.#drawn) {
      if ((index >= first && index < last) || kept.has(row)) continue;
      row.remove();
      this.#drawn.delete(index);
    }
    const current = this.#current === null ? null : (this.#window.lineAt(this.#current) ?? null);
    for (let index = first; index < last; index += 1) {
      if (!this.#drawn.has(index)) this.#insert(index, current);
    }
  }

  #insert(index: number, currentLine: number | null): void {
    const row = this.painter.paint(index, currentLine);
    this.#place(index, row);
    const next = this.#drawn.get(index + 1) ?? this.#firstAfter(index);
    this.#rows.insertBefore(row, next ?? null);
  }

  #place(index: number, row: HTMLElement): void {
    row.dataset.row = String(index);
    row.style.transform = `translateY(${index * this.#rowHeight}px)`;
    this.#drawn.set(index, row);
  }

  /** Rows stand in the document in their order, so that a selection over them reads right. */
  #firstAfter(index: number): Element | undefined {
    const previous = this.#drawn.get(index - 1);
    if (previous !== undefined) return previous.nextElementSibling ?? undefined;
    let found: number | undefined;
    for (const other of this.#drawn.keys()) {
      if (other > index && (found === undefined || other < found)) found = other;
    }
    return found === undefined ? undefined : this.#drawn.get(found);
  }

  /** Rows that hold an end of the selection stay, wherever the view is: removing them would end the selection. */
  #selectedRows(): ReadonlySet<Element> {
    const selection = document.getSelection();
    const rows = new Set<Element>();
    if (selection === null || selection.isCollapsed) return rows;
    for (const node of [selection.anchorNode, selection.focusNode]) {
      const element = node instanceof Element ? node : node?.parentElement;
      const row = element?.closest('.row');
      if (row) rows.add(row);
    }
    return rows;
  }

  #copied(event: ClipboardEvent): void {
    const text = this.selection();
    if (text === '' || event.clipboardData === null) return;
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
  }
}
