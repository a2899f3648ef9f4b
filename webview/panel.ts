/** The page of one job: puts the parts together, hands what the host says to them, and what people do to the host. */
import type { HostMessage, JobView, TabName } from '../src/editor/panel/messages.ts';
import { button, progressRing, registerControls, tabs } from './controls.ts';
import { h, icon } from './dom.ts';
import { connectHost } from './host.ts';
import { LogTab } from './log/logTab.ts';
import { failure } from './sections/failure.ts';
import { header } from './sections/header.ts';
import { attempts, files, parameters, resources } from './sections/tables.ts';
import { timeline } from './sections/timeline.ts';
import { usage } from './sections/usage.ts';

registerControls();

const host = connectHost((message) => take(message));
const kept = host.kept;
const copy = (text: string): void => host.send({ type: 'copy', text });

const log = new LogTab(host);
const parts = {
  header: header({
    act: (action) => host.send({ type: 'do', action }),
    openLog: () => host.send({ type: 'openLog', file: log.file }),
    copy,
  }),
  timeline: timeline(),
  failure: failure((line) => {
    showTab('log');
    log.reveal(line);
  }),
  files: files({ open: (name) => host.send({ type: 'openFile', name }), copy }),
  parameters: parameters(kept.filter ?? '', (filter) => host.keep({ filter })),
  resources: resources(),
  usage: usage(() => host.send({ type: 'watchUsage' })),
  attempts: attempts((pandaId) => host.send({ type: 'openJob', pandaId })),
};
const tabBar = tabs(
  [
    { id: 'log', title: 'Log', view: log.element },
    { id: 'files', title: 'Files', view: parts.files.element },
    { id: 'parameters', title: 'Parameters', view: parts.parameters.element },
    {
      id: 'resources',
      title: 'Resources',
      view: h('div', { class: 'resources' }, parts.resources.element, parts.usage.element),
    },
    { id: 'attempts', title: 'Attempts', view: parts.attempts.element },
  ],
  (id) => {
    host.keep({ tab: tabName(id) });
    look(tabName(id));
  },
);
const trouble = h('div', { class: 'trouble', role: 'alert', hidden: true });
const job = h(
  'main',
  { class: 'job' },
  parts.header.element,
  parts.timeline.element,
  parts.failure.element,
  tabBar.element,
);
const waiting = h(
  'div',
  { class: 'waiting', role: 'status', 'aria-label': 'Loading the job' },
  ...['title', 'line', 'bar', 'body'].map((name) => h('div', { class: `bone bone-${name}` })),
);
job.hidden = true;
document.body.append(trouble, waiting, job);
tabBar.show(kept.tab ?? 'log');
log.restore(kept);
listenToKeys();
host.send({ type: 'ready' });
look(kept.tab ?? 'log');

function take(message: Exclude<HostMessage, { type: 'piece' | 'refused' | 'hits' }>): void {
  switch (message.type) {
    case 'job':
      host.keep({ pandaId: message.view.pandaId, profile: message.view.profile });
      show(message.view);
      break;
    case 'trouble':
      showTrouble(message);
      break;
    case 'log':
      log.take(message);
      break;
    case 'usage':
      parts.usage.show(message.state);
      break;
  }
}

function show(view: JobView): void {
  trouble.hidden = true;
  waiting.hidden = true;
  job.hidden = false;
  parts.header.show(view);
  parts.timeline.show(view.timeline);
  parts.failure.show(view.failure);
  log.setTelling(view.failure?.line ?? null);
  parts.files.show(view.files);
  parts.parameters.show(view.parameters);
  parts.resources.show(view.resources);
  parts.attempts.show(view.attempts);
  tabBar.badge('files', view.files.length);
  tabBar.badge('attempts', view.attempts.length > 1 ? view.attempts.length : null);
}

/** Above what is known of the job, or instead of it where nothing is. */
function showTrouble(message: Extract<HostMessage, { type: 'trouble' }>): void {
  waiting.hidden = !job.hidden || !message.waiting;
  trouble.hidden = false;
  trouble.replaceChildren(
    message.waiting ? progressRing(message.message) : icon('warning'),
    h(
      'div',
      {},
      h('p', {}, message.message),
      message.advice === '' ? null : h('p', { class: 'quiet' }, `→ ${message.advice}`),
    ),
    ...(message.retry
      ? [button({ label: 'Try again' }, () => host.send({ type: 'do', action: 'refresh' })).element]
      : []),
  );
}

/** What is asked for only when somebody looks at it. */
function look(tab: TabName): void {
  if (tab === 'resources') parts.usage.look();
  if (tab === 'files') host.send({ type: 'watchFiles' });
}

function showTab(tab: TabName): void {
  tabBar.show(tab);
  host.keep({ tab });
}

function tabName(id: string): TabName {
  const names: readonly TabName[] = ['log', 'files', 'parameters', 'resources', 'attempts'];
  return names.find((name) => name === id) ?? 'log';
}

function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f') {
      showTab('log');
      log.focusFind();
    } else if (event.key === 'F3') {
      log.stepFind(event.shiftKey ? -1 : 1);
    } else {
      return;
    }
    event.preventDefault();
  });
}
