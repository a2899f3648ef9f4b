const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** East Asian wide and fullwidth, and pictures: two columns of a terminal. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;
const INVISIBLE = /^[\p{Mark}\p{Cf}]+$/u;

/** Columns a text takes on a terminal; it must hold no control characters. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += widthOf(segment);
  return width;
}

/** Cuts a text to `width` columns, with `…` where something was cut. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The same at its beginning, for texts whose ends tell them apart. */
export function cutStart(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const segments = [...segmenter.segment(text)].map(({ segment }) => segment);
  let used = 0;
  let first = segments.length;
  while (first > 0) {
    used += widthOf(segments[first - 1] ?? '');
    if (used > width - 1) break;
    first -= 1;
  }
  return `…${segments.slice(first).join('')}`;
}

function widthOf(segment: string): number {
  if (INVISIBLE.test(segment)) return 0;
  return WIDE.test(segment) ? 2 : 1;
}
