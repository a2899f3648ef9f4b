import type { LineHit, LogName, SearchQuery } from '../../src/editor/panel/messages.ts';
import { button, textField, toggleButton } from '../controls.ts';
import { h } from '../dom.ts';
import type { Hits, Host } from '../host.ts';

/** Typing rests this long before a search begins, milliseconds. */
const REST = 250;

export interface FindEvents {
  /** Go to a line. */
  onHit(hit: LineHit): void;
  /** Mark this in the lines in view; null for nothing. */
  onMark(expression: RegExp | null): void;
  onQuery(query: SearchQuery): void;
  /** Where the view is now, bytes: the first hit after it is gone to first. */
  where(): number;
  /** The keyboard goes back to the lines. */
  leave(): void;
}

/** The search line of the log: the host looks through the whole file, the page shows which line of how many. */
export class LogFind {
  readonly element: HTMLElement;
  readonly #host: Host;
  readonly #events: FindEvents;
  readonly #field;
  readonly #regex;
  readonly #case;
  readonly #count = h('span', { class: 'find-count', role: 'status' });
  readonly #previous = button(
    { label: 'Previous match (Shift+Enter)', icon: 'arrow-up', iconOnly: true },
    () => this.step(-1),
  );
  readonly #next = button({ label: 'Next match (Enter)', icon: 'arrow-down', iconOnly: true }, () =>
    this.step(1),
  );
  #query: SearchQuery = { pattern: '', regex: false, matchCase: false };
  /** Undefined until it is there to be looked through. */
  #file: LogName | undefined;
  #hits: LineHit[] = [];
  #at = -1;
  #last: Hits | null = null;
  /** It is being looked for, or was. */
  #asked = false;
  #stop: () => void = () => undefined;
  #timer = 0;

  constructor(host: Host, events: FindEvents) {
    this.#host = host;
    this.#events = events;
    this.#field = textField({ label: 'Find in log', placeholder: 'Find', glyph: 'search' }, (pattern) =>
      this.#ask({ pattern }),
    );
    this.#regex = toggleButton('regex', 'Use regular expression', (regex) => this.#ask({ regex }));
    this.#case = toggleButton('case-sensitive', 'Match case', (matchCase) => this.#ask({ matchCase }));
    this.#field.element.addEventListener('keydown', (event) => this.#key(event));
    this.element = h(
      'div',
      { class: 'find', role: 'search' },
      this.#field.element,
      this.#case.element,
      this.#regex.element,
      this.#count,
      this.#previous.element,
      this.#next.element,
    );
    this.#show();
  }

  focus(): void {
    this.#field.focus();
  }

  /** Puts back what was looked for before the page went away. */
  restore(query: SearchQuery): void {
    this.#query = query;
    this.#field.set(query.pattern);
    this.#regex.set(query.regex);
    this.#case.set(query.matchCase);
  }

  /** Looks through another file, or through the same one anew. */
  search(file: LogName): void {
    this.#file = file;
    this.#run(false);
  }

  /** Nothing is found any more: another file is turned to, and looked through once it is there. */
  leaveFile(): void {
    window.clearTimeout(this.#timer);
    this.#file = undefined;
    this.#clear();
    this.#show();
  }

  /** To the next match, or to the one before. */
  step(by: 1 | -1): void {
    if (this.#hits.length === 0) return;
    this.#goTo((this.#at + by + this.#hits.length) % this.#hits.length);
  }

  #ask(change: Partial<SearchQuery>): void {
    this.#query = { ...this.#query, ...change };
    this.#events.onQuery(this.#query);
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#run(true), REST);
  }

  #run(go: boolean): void {
    window.clearTimeout(this.#timer);
    this.#clear();
    if (this.#query.pattern !== '' && this.#file !== undefined) {
      let going = go;
      this.#asked = true;
      this.#stop = this.#host.search(this.#file, this.#query, (hits) => {
        going = this.#take(hits, going);
      });
    }
    this.#show();
  }

  #clear(): void {
    this.#stop();
    this.#stop = () => undefined;
    this.#hits = [];
    this.#at = -1;
    this.#last = null;
    this.#asked = false;
    this.#events.onMark(null);
  }

  /** Adds hits; goes to the first one that is not before the view. Returns whether one is still to be gone to. */
  #take(hits: Hits, go: boolean): boolean {
    const first = this.#last === null;
    this.#last = hits;
    this.#hits.push(...hits.hits);
    // What takes the host too long would hold up the page as well.
    if (hits.problem !== null) this.#events.onMark(null);
    else if (first || hits.done) this.#events.onMark(markerOf(this.#query));
    let going = go;
    if (go && this.#hits.length > 0) {
      const from = this.#events.where();
      const found = this.#hits.findIndex((hit) => hit.offset >= from);
      if (found >= 0 || hits.done) {
        this.#goTo(Math.max(0, found));
        going = false;
      }
    }
    this.#show();
    return going;
  }

  #goTo(index: number): void {
    this.#at = index;
    const hit = this.#hits[index];
    if (hit !== undefined) this.#events.onHit(hit);
    this.#show();
  }

  #key(event: Event): void {
    if (!(event instanceof KeyboardEvent)) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      if (this.#last === null) this.#run(true);
      else this.step(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this.#events.leave();
    }
  }

  #show(): void {
    const some = this.#hits.length > 0;
    this.#previous.enable(some);
    this.#next.enable(some);
    const { text, title } = this.#words();
    this.#count.textContent = text;
    this.#count.title = title;
    this.#count.classList.toggle('problem', (this.#last?.problem ?? null) !== null);
  }

  #words(): { readonly text: string; readonly title: string } {
    if (!this.#asked) return { text: '', title: '' };
    const last = this.#last;
    const problem = last?.problem ?? null;
    if (problem !== null) return { text: problem, title: problem };
    const count = `${this.#hits.length.toLocaleString('en-US')}${last?.more === true ? '+' : ''}`;
    const searching = last?.done !== true;
    const percent = last === null || last.size === 0 ? 0 : Math.floor((last.scanned / last.size) * 100);
    const title = searching ? `Searching, ${percent} % done` : 'Matching lines in the whole file';
    if (this.#hits.length === 0) return { text: searching ? 'Searching' : 'No matches', title };
    const at = this.#at < 0 ? '' : `${(this.#at + 1).toLocaleString('en-US')} of `;
    return { text: `${at}${count}${searching ? '…' : ''}`, title };
  }
}

/** The same search for the lines in view. The host has gone through the file with it, so it is known to be quick. */
function markerOf(query: SearchQuery): RegExp | null {
  const source = query.regex ? query.pattern : query.pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  try {
    return new RegExp(source, query.matchCase ? 'gu' : 'giu');
  } catch {
    return null;
  }
}
