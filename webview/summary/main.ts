/** The page with the summary of an instance catalog. */
import type { HostMessage, IncludeView, SummaryView } from '../../src/editor/summary/messages.ts';
import { button, progressRing, registerControls } from '../controls.ts';
import { h, icon, part } from '../dom.ts';
import { magnitudeChart, modelBars, skyMap } from './charts.ts';
import { focalPlane } from './focalPlane.ts';
import { connectHost } from './host.ts';

registerControls();

const host = connectHost(take);
let shown: SummaryView | undefined;

const plane = focalPlane(host.keptSensors, (sensors) => {
  if (shown !== undefined) host.keep({ path: shown.path, sensors });
  drawSubmit();
});
const submit = button({ label: 'Submit', icon: 'rocket', primary: true }, () =>
  host.send({ type: 'submit', sensors: plane.chosen }),
);

const trouble = h('div', { class: 'trouble', role: 'alert', hidden: true });
const header = h('header', { class: 'summary-head' });
const facts = card('Visit');
const models = card('Objects');
const magnitudes = card('Magnitudes');
const sky = card('Sky');
const sensors = card('Sensors');
const includes = card('Include files');
const page = h(
  'main',
  { class: 'summary', hidden: true },
  header,
  h(
    'div',
    { class: 'cards' },
    ...[facts, models, magnitudes, sky, sensors, includes].map(({ element }) => element),
  ),
);
document.body.append(trouble, page);
sensors.body.append(plane.element);

const draw = {
  header: part<SummaryView>(header, (view) => [
    h('div', {}, h('h1', {}, view.title), h('p', { class: 'quiet mono' }, view.name), problems(view.counts)),
    submit.element,
  ]),
  facts: part<SummaryView['facts']>(facts.body, (all) => [
    h(
      'dl',
      {},
      ...all.flatMap(({ label, value, note }) => [
        h('dt', {}, label),
        h('dd', {}, value, note === undefined ? null : h('span', { class: 'quiet' }, ` · ${note}`)),
      ]),
    ),
  ]),
  models: part<Pick<SummaryView, 'objects' | 'models' | 'spectra'>>(models.body, (view) => [
    h('p', {}, view.objects),
    modelBars(view.models),
    h('p', { class: 'quiet' }, view.spectra),
  ]),
  magnitudes: part<SummaryView['magnitudes']>(magnitudes.body, (view) =>
    view === null
      ? [empty('No magnitudes.')]
      : [magnitudeChart(view), h('p', { class: 'quiet' }, view.range)],
  ),
  sky: part<SummaryView['sky']>(sky.body, (view) => [view === null ? empty('No positions.') : skyMap(view)]),
  includes: part<readonly IncludeView[]>(includes.body, (all) => [
    all.length === 0 ? empty('The catalog includes no files.') : includeTable(all),
  ]),
};

host.send({ type: 'ready' });

function take(message: HostMessage): void {
  switch (message.type) {
    case 'summary':
      show(message.view);
      break;
    case 'trouble':
      trouble.hidden = false;
      trouble.replaceChildren(
        message.waiting ? progressRing(message.message) : icon('warning'),
        h('p', {}, message.message),
      );
      break;
  }
}

function show(view: SummaryView): void {
  const first = shown === undefined;
  shown = view;
  trouble.hidden = true;
  page.hidden = false;
  draw.header(view);
  draw.facts(view.facts);
  draw.models({ objects: view.objects, models: view.models, spectra: view.spectra });
  draw.magnitudes(view.magnitudes);
  draw.sky(view.sky);
  draw.includes(view.includes);
  if (first) plane.show(view.sensors);
  host.keep({ path: view.path, sensors: plane.chosen });
  drawSubmit();
}

function drawSubmit(): void {
  const { length } = plane.chosen;
  submit.setLabel(length === 0 ? 'Submit' : `Submit ${length} sensor${length === 1 ? '' : 's'}`);
}

function card(title: string): { readonly element: HTMLElement; readonly body: HTMLElement } {
  const body = h('div', { class: 'card-body' });
  return { element: h('section', { class: 'card' }, h('h2', {}, title), body), body };
}

function problems({ error, warning, information }: SummaryView['counts']): HTMLElement {
  const all = [
    { name: 'error', count: error },
    { name: 'warning', count: warning },
    { name: 'info', count: information },
  ].filter(({ count }) => count > 0);
  if (all.length === 0) return h('p', { class: 'with-icon' }, icon('pass', 'fine'), 'No problems');
  const label = all
    .map(({ name, count }) => `${count} ${name}${count === 1 || name === 'info' ? '' : 's'}`)
    .join(', ');
  return h(
    'button',
    {
      class: 'plain problems',
      title: `Show problems: ${label}`,
      onclick: () => host.send({ type: 'showProblems' }),
    },
    ...all.map(({ name, count }) =>
      h('span', { class: 'with-icon' }, icon(name, name), count.toLocaleString('en-US')),
    ),
  );
}

function includeTable(all: readonly IncludeView[]): HTMLElement {
  const head = ['File', 'Size', 'Objects', ''].map((title) => h('th', { scope: 'col' }, title));
  const rows = all.map((include) =>
    h(
      'tr',
      {},
      h('td', {}, include.found ? fileLink(include) : h('span', { class: 'mono' }, include.path)),
      h('td', { class: 'number' }, include.size),
      h('td', { class: 'number' }, include.objects),
      h(
        'td',
        {},
        include.trouble === ''
          ? icon('check', 'fine')
          : h('span', { class: 'with-icon' }, icon('error', 'error'), include.trouble),
      ),
    ),
  );
  return h(
    'table',
    { class: 'includes', 'aria-label': 'Include files' },
    h('thead', {}, h('tr', {}, ...head)),
    h('tbody', {}, ...rows),
  );
}

function fileLink({ path, file }: IncludeView): HTMLElement {
  return h('button', { class: 'link', onclick: () => host.send({ type: 'openFile', file }) }, path);
}

function empty(text: string): HTMLElement {
  return h('p', { class: 'quiet' }, text);
}
