import type { Fact, ImageView } from '../../src/editor/fits/messages.ts';
import { h } from '../dom.ts';
import { decText, raText, skyOf } from './sky.ts';

export interface StatusLine {
  readonly element: HTMLElement;
  /** The pixel somebody points at, counted from 0, and its value once known; null for none. */
  point(at: { readonly x: number; readonly y: number } | null, value: string): void;
  show(image: ImageView | null): void;
  facts(facts: readonly Fact[], exact: boolean): void;
  /** Pieces of what is under the pointer, to be copied; empty where nothing is. */
  readonly text: string;
}

/** What is under the pointer, and what is known of the whole. */
export function statusLine(): StatusLine {
  const here = h('div', { class: 'here mono' });
  const whole = h('div', { class: 'facts' });
  let image: ImageView | null = null;
  let text = '';
  return {
    element: h('footer', { class: 'status' }, here, whole),
    get text() {
      return text;
    },
    show(next) {
      image = next;
      text = '';
      here.replaceChildren();
      whole.replaceChildren();
    },
    point(at, value) {
      const pieces = at === null || image === null ? [] : pointPieces(image, at, value);
      text = pieces.join('  ');
      here.replaceChildren(
        ...pieces.map((piece, index) => h('span', { class: index === 2 ? 'value' : null }, piece)),
      );
    },
    facts(facts, exact) {
      const pixels = image === null ? [] : [{ name: '', text: image.pixels }];
      const rough = exact ? [] : [{ name: '', text: 'from a part of the pixels' }];
      whole.replaceChildren(
        ...[...pixels, ...facts, ...rough].map(({ name, text: value }) =>
          h('span', {}, ...(name === '' ? [] : [h('span', { class: 'quiet' }, `${name} `)]), value),
        ),
      );
    },
  };
}

/** FITS counts pixels from 1. */
function pointPieces(
  { wcs }: ImageView,
  { x, y }: { readonly x: number; readonly y: number },
  value: string,
): string[] {
  const pieces = [`x ${x + 1}`, `y ${y + 1}`, value];
  if (wcs === null) return pieces;
  const { ra, dec } = skyOf(wcs, x + 1, y + 1);
  const degrees = `${ra.toFixed(6)}°, ${dec.toFixed(6)}°`;
  return [
    ...pieces,
    `RA ${raText(ra)}`,
    `Dec ${decText(dec)}`,
    degrees,
    ...(wcs.frame === '' ? [] : [wcs.frame]),
  ];
}
