import type { Histogram, ModelCount, SkyGrid } from '../../src/editor/summary/messages.ts';
import { h } from '../dom.ts';
import { svg } from './svg.ts';

/** Names, bars and numbers, the most frequent first. */
export function modelBars(models: readonly ModelCount[]): HTMLElement {
  const most = Math.max(1, ...models.map(({ count }) => count));
  const rows = models.map(({ name, count, text }) => {
    const bar = svg('svg', {
      class: 'bar',
      viewBox: '0 0 100 8',
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    });
    bar.append(svg('rect', { width: Math.max(0.5, (100 * count) / most), height: 8, class: 'fill' }));
    return h(
      'tr',
      {},
      h('th', { scope: 'row', class: 'mono' }, name),
      h('td', { class: 'bar-cell' }, bar),
      h('td', { class: 'number' }, text),
    );
  });
  return h('table', { class: 'models', 'aria-label': 'Objects by model' }, h('tbody', {}, ...rows));
}

const WIDTH = 360;
const HEIGHT = 150;
const FOOT = 18;
const LEFT = 44;

/** Sources by magnitude, on a scale of roots so that a few bright ones are seen beside many faint. */
export function magnitudeChart({ counts, from, step, range }: Histogram): Element {
  const most = Math.max(1, ...counts);
  const width = (WIDTH - LEFT) / counts.length;
  const scale = (count: number): number => (HEIGHT - FOOT - 8) * Math.sqrt(count / most);
  const bars = counts.map((count, index) => {
    const height = scale(count);
    const low = from + index * step;
    const title = `${low} to ${low + step} mag: ${count.toLocaleString('en-US')}`;
    return svg(
      'rect',
      {
        x: LEFT + index * width + 0.5,
        y: HEIGHT - FOOT - height,
        width: Math.max(0.5, width - 1),
        height,
        class: 'fill',
      },
      svg('title', {}, title),
    );
  });
  return svg(
    'svg',
    { class: 'chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `Magnitudes: ${range}` },
    ...[most, Math.round(most / 4)]
      .filter((count, index) => index === 0 || count > 0)
      .flatMap((count) => gridLine(count, HEIGHT - FOOT - scale(count))),
    ...bars,
    svg('line', { x1: LEFT, x2: WIDTH, y1: HEIGHT - FOOT, y2: HEIGHT - FOOT, class: 'axis' }),
    ...magnitudeLabels(from, step, counts.length, width),
  );
}

function gridLine(count: number, y: number): SVGElement[] {
  return [
    svg('line', { x1: LEFT, x2: WIDTH, y1: y, y2: y, class: 'grid' }),
    svg('text', { x: LEFT - 4, y: y + 4, class: 'label end' }, short(count)),
  ];
}

/** A label at whole magnitudes, at most eight. */
function magnitudeLabels(from: number, step: number, bins: number, width: number): SVGElement[] {
  const first = Math.ceil(from);
  const last = Math.floor(from + bins * step);
  const every = Math.max(1, Math.ceil((last - first + 1) / 8));
  const labels: SVGElement[] = [];
  for (let magnitude = first; magnitude <= last; magnitude += every) {
    const x = LEFT + ((magnitude - from) / step) * width;
    labels.push(svg('text', { x, y: HEIGHT - 4, class: 'label middle' }, String(magnitude)));
  }
  return labels;
}

function short(count: number): string {
  if (count < 10_000) return String(count);
  return count < 1e6 ? `${Math.round(count / 1000)}k` : `${(count / 1e6).toFixed(1)}M`;
}

const MAP = 240;

/** How dense the sources lie on the sky: north is up, and right ascension grows to the left, as one sees it. */
export function skyMap({ columns, rows, counts, aspect, ra, dec }: SkyGrid): HTMLElement {
  const most = Math.max(1, ...counts);
  const width = aspect >= 1 ? MAP : Math.max(40, MAP * aspect);
  const height = aspect >= 1 ? Math.max(40, MAP / aspect) : MAP;
  const [cellWidth, cellHeight] = [width / columns, height / rows];
  const cells = counts.flatMap((count, index) => {
    if (count === 0) return [];
    const column = columns - 1 - (index % columns);
    const row = rows - 1 - Math.floor(index / columns);
    const opacity = (0.2 + 0.8 * (Math.log1p(count) / Math.log1p(most))).toFixed(3);
    const place = { x: column * cellWidth, y: row * cellHeight, width: cellWidth, height: cellHeight };
    return [
      svg(
        'rect',
        { ...place, class: 'fill', 'fill-opacity': opacity },
        svg('title', {}, count.toLocaleString('en-US')),
      ),
    ];
  });
  const map = svg(
    'svg',
    {
      class: 'map',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': `Sources on the sky, RA ${ra.join(' to ')}, Dec ${dec.join(' to ')}`,
    },
    svg('rect', { width, height, class: 'frame' }),
    ...cells,
  );
  return h(
    'div',
    { class: 'sky' },
    h(
      'div',
      { class: 'dec label' },
      h('span', {}, dec[1]),
      h('span', { class: 'axis-name' }, 'Dec'),
      h('span', {}, dec[0]),
    ),
    h(
      'div',
      {},
      map,
      h(
        'div',
        { class: 'ra label' },
        h('span', {}, ra[1]),
        h('span', { class: 'axis-name' }, 'RA'),
        h('span', {}, ra[0]),
      ),
    ),
  );
}
