import type { ActionName, Actions, Fact, JobView } from '../../src/editor/panel/messages.ts';
import { button } from '../controls.ts';
import { h, icon, part, tint } from '../dom.ts';

export interface HeaderEvents {
  act(action: ActionName): void;
  openLog(): void;
  copy(text: string): void;
}

/** Who the job is, how it stands, and what can be done with it. */
export function header(events: HeaderEvents): { readonly element: HTMLElement; show(view: JobView): void } {
  const title = h('div', { class: 'title' });
  const facts = h('div', { class: 'facts' });
  const note = h('p', { class: 'note', role: 'status' });
  const actions = actionBar(events);
  const drawTitle = part<Pick<JobView, 'name' | 'jobName' | 'state'>>(title, ({ name, jobName, state }) => [
    tint(icon(state.codicon, 'state-icon'), state.color),
    h('h1', { title: jobName }, name),
    tint(h('span', { class: 'state-word' }, state.word), state.color),
  ]);
  const drawFacts = part<readonly Fact[]>(facts, (all) =>
    all.map((fact, index) =>
      index === 0
        ? h(
            'button',
            {
              class: 'fact plain',
              title: `${fact.title} (click to copy)`,
              onclick: () => events.copy(fact.text),
            },
            fact.text,
          )
        : h('span', { class: 'fact', title: fact.title }, fact.text),
    ),
  );
  const element = h('header', {}, h('div', { class: 'identity' }, title, facts), actions.element, note);
  return {
    element,
    show(view) {
      drawTitle({ name: view.name, jobName: view.jobName, state: view.state });
      drawFacts([...view.facts, view.asOf]);
      actions.show(view.actions);
      note.hidden = view.note === null;
      note.textContent = view.note;
    },
  };
}

function actionBar(events: HeaderEvents): { readonly element: HTMLElement; show(actions: Actions): void } {
  const act = (action: ActionName) => () => events.act(action);
  const optional = {
    cancel: button({ label: 'Cancel', icon: 'circle-slash' }, act('cancel')).element,
    resubmit: button({ label: 'Resubmit', icon: 'debug-restart' }, act('resubmit')).element,
    openLog: button({ label: 'Log as document', icon: 'go-to-file' }, () => events.openLog()).element,
    openOutputs: button(
      { label: 'Open outputs folder', icon: 'folder-opened', iconOnly: true },
      act('openOutputs'),
    ).element,
    openMonitor: button(
      { label: 'Open in monitor', icon: 'link-external', iconOnly: true },
      act('openMonitor'),
    ).element,
  };
  const copyLink = button({ label: 'Copy link', icon: 'link', iconOnly: true }, act('copyLink')).element;
  const refresh = button({ label: 'Refresh', icon: 'refresh', iconOnly: true }, act('refresh')).element;
  const element = h(
    'div',
    { class: 'actions', role: 'toolbar', 'aria-label': 'Actions' },
    optional.cancel,
    optional.resubmit,
    optional.openLog,
    optional.openOutputs,
    optional.openMonitor,
    copyLink,
    refresh,
  );
  return {
    element,
    show(actions) {
      for (const name of ['cancel', 'resubmit', 'openLog', 'openOutputs', 'openMonitor'] as const)
        optional[name].hidden = !actions[name];
    },
  };
}
