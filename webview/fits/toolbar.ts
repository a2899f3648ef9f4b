import type { ColourMap, LimitName, Stretch } from '../../src/editor/fits/messages.ts';
import { button, dropdown, toggleButton } from '../controls.ts';
import { h } from '../dom.ts';
import { COLOUR_MAPS, LIMITS, STRETCHES } from './pageState.ts';

export interface ToolbarActs {
  readonly stretch: (stretch: Stretch) => void;
  readonly limits: (limits: LimitName) => void;
  readonly colours: (colours: ColourMap) => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  readonly actualSize: () => void;
  readonly header: (open: boolean) => void;
  readonly reload: () => void;
}

export interface Toolbar {
  readonly element: HTMLElement;
  set(
    shown: { readonly stretch: Stretch; readonly limits: LimitName; readonly colours: ColourMap },
    header: boolean,
  ): void;
  /** `25 %`, and the values shown as darkest and lightest. */
  setZoom(text: string): void;
  setRange(text: string): void;
  /** Where there is no image, nothing of it can be set. */
  setImage(there: boolean): void;
}

export function toolbar(acts: ToolbarActs): Toolbar {
  const stretch = dropdown('Stretch (S)', STRETCHES, (value) => pick(STRETCHES, value, acts.stretch));
  const limits = dropdown('Limits (L)', LIMITS, (value) => pick(LIMITS, value, acts.limits));
  const colours = dropdown('Colours (C)', COLOUR_MAPS, (value) => pick(COLOUR_MAPS, value, acts.colours));
  const range = h('span', { class: 'range quiet', title: 'Values shown as darkest and lightest' });
  const zoom = h('span', {
    class: 'zoom',
    role: 'status',
    title: 'Pixels of the screen for one of the image',
  });
  const iconButton = (label: string, icon: string, act: () => void): HTMLElement =>
    button({ label, icon, iconOnly: true }, act).element;
  const image = h(
    'div',
    { class: 'group' },
    ...[stretch, limits, colours].map(({ element }) => element),
    range,
  );
  const zooms = h(
    'div',
    { class: 'group' },
    iconButton('Zoom out (−)', 'zoom-out', () => acts.zoom(1 / 2)),
    zoom,
    iconButton('Zoom in (+)', 'zoom-in', () => acts.zoom(2)),
    iconButton('Show the whole image (0)', 'screen-full', acts.fit),
    iconButton('Show single pixels, 100 % (1)', 'symbol-ruler', acts.actualSize),
  );
  const header = toggleButton('list-flat', 'Header (H)', acts.header);
  const reload = iconButton('Read the file again (R)', 'refresh', acts.reload);
  return {
    element: h(
      'div',
      { class: 'toolbar', role: 'toolbar', 'aria-label': 'Image' },
      image,
      zooms,
      header.element,
      reload,
    ),
    set(shown, open) {
      stretch.set(shown.stretch);
      limits.set(shown.limits);
      colours.set(shown.colours);
      header.set(open);
    },
    setZoom: (text) => zoom.replaceChildren(text),
    setRange: (text) => range.replaceChildren(text),
    setImage(there) {
      image.hidden = !there;
      zooms.hidden = !there;
      header.element.hidden = !there;
    },
  };
}

function pick<T extends string>(all: readonly T[], value: string, act: (value: T) => void): void {
  const known = all.find((one) => one === value);
  if (known !== undefined) act(known);
}
