import type { FailureView, TellingLine } from '../../src/editor/panel/messages.ts';
import { h, icon, part } from '../dom.ts';

/** Why the job failed, in plain words: what, the line that tells, what to do. */
export function failure(goTo: (line: TellingLine) => void): {
  readonly element: HTMLElement;
  show(view: FailureView | null): void;
} {
  const element = h('section', { class: 'failure', 'aria-label': 'Why the job failed' });
  const draw = part<FailureView>(element, (view) => {
    const line = view.line;
    return [
      icon('error', 'failure-icon'),
      h(
        'div',
        { class: 'failure-text' },
        h('p', { class: 'failure-title' }, h('code', {}, view.code), h('strong', {}, view.title)),
        view.diag === '' ? null : h('p', { class: 'failure-diag' }, view.diag),
        line === null
          ? null
          : h(
              'button',
              { class: 'telling', title: `Go to this line of ${line.file}`, onclick: () => goTo(line) },
              h('span', { class: 'telling-text' }, line.text),
              h('span', { class: 'telling-file' }, line.file),
            ),
        view.advice === ''
          ? null
          : h('p', { class: 'failure-advice' }, h('span', { 'aria-hidden': 'true' }, '→ '), view.advice),
        view.others.length === 0
          ? null
          : h('p', { class: 'quiet' }, `Also reported: ${view.others.join(' · ')}`),
      ),
    ];
  });
  return {
    element,
    show(view) {
      element.hidden = view === null;
      if (view !== null) draw(view);
    },
  };
}
