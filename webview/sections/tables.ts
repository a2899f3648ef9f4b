import type {
  AttemptView,
  FileView,
  NamedValue,
  ParametersView,
  ResourceView,
} from '../../src/editor/panel/messages.ts';
import { textField } from '../controls.ts';
import { h, icon, part, tint } from '../dom.ts';

interface Section<T> {
  readonly element: HTMLElement;
  show(view: T): void;
}

interface Column {
  readonly title: string;
  readonly className?: string;
}

function table(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | Node)[])[],
): HTMLElement {
  return h(
    'table',
    { 'aria-label': label },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...columns.map((column) => h('th', { scope: 'col', class: column.className ?? null }, column.title)),
      ),
    ),
    h(
      'tbody',
      {},
      ...rows.map((row) =>
        h('tr', {}, ...row.map((cell, index) => h('td', { class: columns[index]?.className ?? null }, cell))),
      ),
    ),
  );
}

function empty(text: string): HTMLElement {
  return h('p', { class: 'empty' }, text);
}

const FILE_ICONS: Readonly<Record<string, string>> = {
  input: 'arrow-right',
  output: 'arrow-left',
  log: 'output',
};

export function files(acts: {
  readonly open: (name: string) => void;
  readonly copy: (text: string) => void;
}): Section<readonly FileView[]> {
  const element = h('div', { class: 'section' });
  const draw = part<readonly FileView[]>(element, (all) => [
    all.length === 0
      ? empty('This job has no files.')
      : table(
          'Files',
          [
            { title: 'Type', className: 'narrow' },
            { title: 'Name' },
            { title: 'Size', className: 'number' },
            { title: 'Status' },
          ],
          all.map((file) => [
            h('span', { class: 'with-icon' }, icon(FILE_ICONS[file.type] ?? 'file'), file.type),
            fileName(file, acts),
            file.size,
            file.status,
          ]),
        ),
  ]);
  return { element, show: draw };
}

function fileName(
  file: FileView,
  acts: { readonly open: (name: string) => void; readonly copy: (text: string) => void },
): HTMLElement {
  const act = file.openable ? acts.open : acts.copy;
  const does = file.openable ? 'click to open' : 'click to copy the name';
  return h(
    'button',
    {
      class: `${file.openable ? 'link' : 'plain'} name`,
      title: `${file.title}\n(${does})`.trimStart(),
      onclick: () => act(file.name),
    },
    file.name,
  );
}

export function parameters(
  filterKept: string,
  keepFilter: (filter: string) => void,
): Section<ParametersView> {
  const what = h('div', {});
  const allRows = h('div', {});
  let all: readonly NamedValue[] = [];
  let filter = filterKept;
  const drawAll = part<{ readonly rows: readonly NamedValue[]; readonly filter: string }>(
    allRows,
    ({ rows }) => [
      rows.length === 0 ? empty('No attribute matches the filter.') : named('All attributes', rows),
    ],
  );
  const showAll = (): void => {
    const words = filter.toLowerCase().split(/\s+/);
    const rows = all.filter(({ name, value }) =>
      words.every((word) => `${name} ${value}`.toLowerCase().includes(word)),
    );
    drawAll({ rows, filter });
  };
  const field = textField({ label: 'Filter attributes', placeholder: 'Filter', glyph: 'filter' }, (value) => {
    filter = value;
    keepFilter(value);
    showAll();
  });
  customElements.whenDefined('vscode-text-field').then(
    () => field.set(filter),
    () => undefined,
  );
  const draw = part<ParametersView>(what, (view) => [
    h('h2', {}, 'What runs'),
    h('p', { class: 'mono transformation' }, view.transformation === '' ? '–' : view.transformation),
    view.words.length === 0
      ? h('p', { class: 'quiet' }, 'No arguments.')
      : h(
          'ol',
          { class: 'words mono', 'aria-label': 'Arguments' },
          ...view.words.map((word) => h('li', {}, word)),
        ),
    h('h2', {}, 'How'),
    named('How the job was submitted', view.named),
  ]);
  const element = h(
    'div',
    { class: 'section' },
    what,
    h('div', { class: 'heading-row' }, h('h2', {}, 'All attributes'), field.element),
    allRows,
  );
  return {
    element,
    show(view) {
      draw({ ...view, all: [] });
      all = view.all;
      showAll();
    },
  };
}

function named(label: string, rows: readonly NamedValue[]): HTMLElement {
  return h(
    'dl',
    { class: 'named', 'aria-label': label },
    ...rows.flatMap(({ name, value }) => [h('dt', {}, name), h('dd', { class: 'mono' }, value)]),
  );
}

export function resources(): Section<readonly ResourceView[]> {
  const element = h('div', { class: 'section' });
  const draw = part<readonly ResourceView[]>(element, (all) => [
    all.length === 0
      ? empty('Nothing is known of what this job used.')
      : table(
          'Resources',
          [
            { title: 'Resource' },
            { title: 'Asked', className: 'number' },
            { title: 'Used', className: 'number' },
            { title: 'Share', className: 'share' },
            { title: '' },
          ],
          all.map((row) => [
            row.name,
            row.asked,
            row.used,
            share(row),
            h('span', { class: 'quiet' }, row.note),
          ]),
        ),
  ]);
  return { element, show: draw };
}

function share(row: ResourceView): HTMLElement {
  if (row.share === null) return h('span', {});
  const percent = row.share > 0 && row.share < 0.01 ? '< 1' : String(Math.round(row.share * 100));
  const bar = h(
    'span',
    { class: row.share > 1 ? 'meter over' : 'meter', 'aria-hidden': 'true' },
    h('span', {}),
  );
  bar.style.setProperty('--share', String(Math.min(1, row.share)));
  return h('span', { class: 'with-meter' }, bar, `${percent} %`);
}

export function attempts(open: (pandaId: number) => void): Section<readonly AttemptView[]> {
  const element = h('div', { class: 'section' });
  const draw = part<readonly AttemptView[]>(element, (all) => [
    table(
      'Attempts',
      [{ title: 'Attempt' }, { title: 'PandaID' }, { title: 'State' }, { title: 'Site' }, { title: 'When' }],
      all.map((attempt) => [
        attempt.attempt,
        attempt.current
          ? h('span', { class: 'mono', 'aria-current': 'true' }, String(attempt.pandaId))
          : h(
              'button',
              { class: 'link mono', onclick: () => open(attempt.pandaId) },
              String(attempt.pandaId),
            ),
        attempt.state === null
          ? '–'
          : tint(
              h('span', { class: 'with-icon' }, icon(attempt.state.codicon), attempt.state.word),
              attempt.state.color,
            ),
        attempt.site,
        h('span', { title: attempt.when.title }, attempt.when.text),
      ]),
    ),
    all.length > 1
      ? h('span', {})
      : h('p', { class: 'quiet' }, 'A retry or resubmission is a new job with its own PandaID.'),
  ]);
  return { element, show: draw };
}
