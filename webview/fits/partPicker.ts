import type { FileView, PlanePlace } from '../../src/editor/fits/messages.ts';
import { button } from '../controls.ts';
import { h } from '../dom.ts';

export interface PartPicker {
  readonly element: HTMLElement;
  setFile(view: FileView): void;
  show(place: PlanePlace, planes: number): void;
  stepPart(step: 1 | -1): void;
  stepPlane(step: 1 | -1): void;
}

/** Which part of the file is in view, and which plane of it. */
export function partPicker(onPick: (place: PlanePlace) => void): PartPicker {
  let place: PlanePlace = { part: 0, plane: 0 };
  let parts = 1;
  let planes = 1;
  // Keys may come faster than parts do.
  const pick = (next: PlanePlace): void => {
    place = next;
    onPick(next);
  };
  const stepPart = (step: 1 | -1): void => {
    const next = place.part + step;
    if (next >= 0 && next < parts) pick({ part: next, plane: 0 });
  };
  const stepPlane = (step: 1 | -1): void => {
    const next = place.plane + step;
    if (next >= 0 && next < planes) pick({ part: place.part, plane: next });
  };
  const title = h('span', { class: 'file-title' });
  const part = h('select', {
    class: 'parts',
    title: 'Part of the file (Page Up, Page Down)',
    'aria-label': 'Part of the file',
    onchange: (event) => {
      if (event.target instanceof HTMLSelectElement) pick({ part: event.target.selectedIndex, plane: 0 });
    },
  });
  const plane = h('span', { class: 'plane', role: 'status' });
  const planeGroup = h(
    'span',
    { class: 'group', hidden: true },
    button({ label: 'Plane before (,)', icon: 'chevron-left', iconOnly: true }, () => stepPlane(-1)).element,
    plane,
    button({ label: 'Next plane (.)', icon: 'chevron-right', iconOnly: true }, () => stepPlane(1)).element,
  );
  return {
    element: h('div', { class: 'group file' }, title, part, planeGroup),
    setFile(view) {
      title.textContent = view.title;
      parts = view.parts.length;
      part.replaceChildren(...view.parts.map((one) => h('option', {}, one.title)));
      part.hidden = parts === 1;
    },
    show(next, count) {
      place = next;
      planes = count;
      if (part instanceof HTMLSelectElement) part.selectedIndex = next.part;
      planeGroup.hidden = count === 1;
      plane.textContent = `plane ${next.plane + 1} of ${count}`;
    },
    stepPart,
    stepPlane,
  };
}
