import { formatCount, formatSize } from '../../watch/index.ts';
import type { Fact, FileView, HeaderRow, ImageView } from './messages.ts';
import { imageOf, wcsOf, type FitsFile, type FitsImage, type Hdu, type Statistics } from './reader/index.ts';

/** What the page shows, as texts. Pure: the same file gives the same page. */
export function fileView(name: string, file: FitsFile): FileView {
  const images = file.all.map((hdu) => imageOf(hdu));
  const first = images.findIndex((image) => typeof image !== 'string');
  return {
    title: `${name} · ${formatSize(file.source.size)}`,
    parts: file.all.map((hdu, index) => ({ title: partTitle(hdu, images[index] ?? '') })),
    first: Math.max(0, first),
    problem: file.problem === null ? null : `${file.problem}.`,
  };
}

function partTitle(hdu: Hdu, image: FitsImage | string): string {
  const name = hdu.name === '' ? [] : [hdu.name];
  return [String(hdu.index), ...name, partKind(hdu, image)].join(' · ');
}

function partKind({ header, type, axes }: Hdu, image: FitsImage | string): string {
  if (typeof image !== 'string') return `image ${axes.join(' × ')}`;
  if (header.flag('ZIMAGE')) return 'compressed image';
  if (type === 'BINTABLE' || type === 'TABLE') return `table of ${formatCount(axes[1] ?? 0)} rows`;
  return type === 'PRIMARY' ? 'header only' : type || 'unknown';
}

export function headerRows({ header }: Hdu): readonly HeaderRow[] {
  return header.cards
    .filter(({ keyword, text, comment }) => keyword !== '' || text !== '' || comment !== '')
    .map(({ keyword, text, comment, value }) => ({
      keyword,
      value: typeof value === 'string' && value === text ? text : String(value === null ? '' : text),
      comment,
    }));
}

const PIXELS: Readonly<Record<number, string>> = {
  8: '8-bit',
  16: '16-bit',
  32: '32-bit',
  64: '64-bit',
  [-32]: '32-bit float',
  [-64]: '64-bit float',
};

export function imageView(hdu: Hdu, { width, height, planes, format }: FitsImage): ImageView {
  return { width, height, planes, pixels: PIXELS[format.bitpix] ?? '', wcs: wcsOf(hdu.header) };
}

export function statisticsFacts(statistics: Statistics): readonly Fact[] {
  const { min, max, mean, deviation, median, blank } = statistics;
  return [
    { name: 'min', text: numberText(min) },
    { name: 'max', text: numberText(max) },
    { name: 'mean', text: numberText(mean) },
    { name: 'median', text: numberText(median) },
    { name: 'σ', text: numberText(deviation) },
    ...(blank === 0 ? [] : [{ name: 'without a value', text: formatCount(blank) }]),
  ];
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : '–';
}
