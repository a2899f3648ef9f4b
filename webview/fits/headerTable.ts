import type { HeaderRow } from '../../src/editor/fits/messages.ts';
import { textField } from '../controls.ts';
import { h } from '../dom.ts';

/** Rows beyond are not drawn; a filter finds them. */
const MOST_ROWS = 2000;

export interface HeaderTable {
  readonly element: HTMLElement;
  show(rows: readonly HeaderRow[]): void;
  focusFilter(): void;
}

/** The keywords of a part, with a filter over all three columns. */
export function headerTable(filterKept: string, keepFilter: (filter: string) => void): HeaderTable {
  let rows: readonly HeaderRow[] = [];
  let filter = filterKept;
  const body = h('tbody');
  const count = h('p', { class: 'quiet count-text', role: 'status' });
  const draw = (): void => {
    const words = filter.toLowerCase().split(/\s+/);
    const found = rows.filter(({ keyword, value, comment }) => {
      const text = `${keyword} ${value} ${comment}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    body.replaceChildren(...found.slice(0, MOST_ROWS).map(rowElement));
    const all = `${rows.length} ${rows.length === 1 ? 'line' : 'lines'}`;
    const shown = found.length > MOST_ROWS ? `, the first ${MOST_ROWS} are shown` : '';
    count.textContent = (found.length === rows.length ? all : `${found.length} of ${all}`) + shown;
  };
  const field = textField({ label: 'Filter the header', placeholder: 'Filter', glyph: 'filter' }, (value) => {
    filter = value;
    keepFilter(value);
    draw();
  });
  customElements.whenDefined('vscode-text-field').then(
    () => field.set(filter),
    () => undefined,
  );
  const head = h(
    'tr',
    {},
    ...['Keyword', 'Value', 'Comment'].map((title) => h('th', { scope: 'col' }, title)),
  );
  const element = h(
    'aside',
    { class: 'header', 'aria-label': 'Header' },
    h('div', { class: 'header-bar' }, field.element, count),
    h(
      'div',
      { class: 'header-rows', tabindex: '0' },
      h('table', { 'aria-label': 'Header' }, h('thead', {}, head), body),
    ),
  );
  return {
    element,
    show(next) {
      rows = next;
      draw();
    },
    focusFilter: () => field.focus(),
  };
}

function rowElement({ keyword, value, comment }: HeaderRow): HTMLElement {
  const isText = value === '';
  return h(
    'tr',
    {},
    h('td', { class: 'mono' }, keyword),
    ...(isText
      ? [h('td', { class: 'quiet', colspan: '2' }, comment)]
      : [h('td', { class: 'mono value' }, value), h('td', { class: 'quiet' }, comment)]),
  );
}
