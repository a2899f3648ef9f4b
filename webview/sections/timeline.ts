import type { SegmentView, TimelineView } from '../../src/editor/panel/messages.ts';
import { h, icon, part, tint } from '../dom.ts';

function classesOf({ open, state }: SegmentView, last: boolean): string {
  const place = open ? 'open' : last ? 'end' : 'past';
  if (state.word === 'running') return `segment runs ${place}`;
  return state.color === 'descriptionForeground' && place === 'past'
    ? 'segment past waits'
    : `segment ${place}`;
}

/** The states a job went through, to scale: a segment is as long as the time spent, but never too short to be met. */
export function timeline(): { readonly element: HTMLElement; show(view: TimelineView): void } {
  const element = h('ol', { class: 'timeline' });
  const draw = part<TimelineView>(element, (view) => {
    const total = view.segments.reduce((sum, segment) => sum + segment.length, 0);
    return view.segments.map((segment, index, all) => {
      const last = index === all.length - 1;
      const share = total === 0 ? 0 : segment.length / total;
      const item = h(
        'li',
        {
          class: classesOf(segment, last),
          title: segment.title,
          tabindex: '0',
          'aria-label': segment.title,
        },
        h(
          'span',
          { class: 'segment-text', 'aria-hidden': 'true' },
          last ? icon(segment.state.codicon.split('~')[0] ?? '') : null,
          h('span', { class: 'segment-word' }, segment.state.word),
          segment.duration === '' ? null : h('span', { class: 'segment-time' }, segment.duration),
        ),
        h('span', { class: 'segment-bar', 'aria-hidden': 'true' }),
      );
      item.style.setProperty('--share', share.toFixed(4));
      return tint(item, segment.state.color);
    });
  });
  return {
    element,
    show(view) {
      element.setAttribute('aria-label', view.label);
      element.hidden = view.segments.length === 0;
      draw(view);
    },
  };
}
