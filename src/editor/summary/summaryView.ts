import { basename } from 'node:path';
import { describeFacts, SENSORS, type CatalogReport, type SkyMap } from '../../transformations/index.ts';
import { formatCount, formatSize, plural } from '../../watch/index.ts';
import type { Histogram, IncludeView, ModelCount, SensorView, SkyGrid, SummaryView } from './messages.ts';

type Summary = CatalogReport['summary'];

const sensors: readonly SensorView[] = SENSORS.map(({ name, raft, group, x, y, width, height }) => ({
  ...{ id: name, raft, x, y, width, height },
  science: group === 'science',
}));

/** Lays out what is known of a catalog, in the words and numbers people read. */
export function buildSummaryView(path: string, { summary, counts }: CatalogReport): SummaryView {
  const { objects, visit } = summary;
  const all = objects.total + objects.included;
  return {
    path,
    name: basename(path),
    visit: visit.obshistid,
    title: `Visit ${visit.obshistid} · ${visit.filter} band`,
    facts: describeFacts(visit),
    objects: objectsText(objects.total, objects.included),
    models: models(objects.byModel, all),
    magnitudes: histogram(objects),
    sky: objects.sky === null ? null : skyGrid(objects.sky),
    spectra: spectraText(objects),
    sensors,
    includes: summary.includes.map(includeView),
    counts,
  };
}

function objectsText(own: number, included: number): string {
  const all = plural(own + included, 'object');
  return included === 0 ? all : `${all}, ${formatCount(included)} of them in include files`;
}

function models(byModel: Readonly<Record<string, number>>, all: number): ModelCount[] {
  return Object.entries(byModel)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => ({ name, count, text: `${formatCount(count)} · ${percent(count, all)}` }));
}

function percent(count: number, all: number): string {
  const share = (100 * count) / Math.max(1, all);
  return share > 0 && share < 1 ? '< 1 %' : `${Math.round(share)} %`;
}

function histogram({ magnitudes, magRange }: Summary['objects']): Histogram | null {
  if (magnitudes === null || magRange === null) return null;
  return { ...magnitudes, range: `${round(magRange[0], 2)} to ${round(magRange[1], 2)} mag` };
}

/** The part of the grid that holds the sources. */
export function skyGrid({ box, cell, counts, origin, size }: SkyMap): SkyGrid {
  const clamp = (index: number): number => Math.min(size - 1, Math.max(0, index));
  const place = (value: number, start: number): number => clamp(Math.floor((value - start) / cell));
  const [firstColumn, lastColumn] = [place(box.raMin, origin[0]), place(box.raMax, origin[0])];
  const [firstRow, lastRow] = [place(box.decMin, origin[1]), place(box.decMax, origin[1])];
  const columns = lastColumn - firstColumn + 1;
  const rows = lastRow - firstRow + 1;
  const cut = Array.from({ length: rows }, (_, row) => {
    const start = (firstRow + row) * size + firstColumn;
    return counts.slice(start, start + columns);
  });
  const shrink = Math.max(0.05, Math.cos((((box.decMin + box.decMax) / 2) * Math.PI) / 180));
  return {
    columns,
    rows,
    counts: cut.flat(),
    aspect: (columns * shrink) / rows,
    ra: [`${round(wrapped(box.raMin), 3)}°`, `${round(wrapped(box.raMax), 3)}°`],
    dec: [`${round(box.decMin, 3)}°`, `${round(box.decMax, 3)}°`],
  };
}

function wrapped(ra: number): number {
  return ra < 0 ? ra + 360 : ra;
}

function spectraText({ distinctSeds, moreSeds, missingSeds }: Summary['objects']): string {
  const known = `${moreSeds ? 'more than ' : ''}${plural(distinctSeds, 'spectrum', 'spectra')}`;
  return missingSeds.length === 0 ? known : `${known}, ${missingSeds.length} missing`;
}

const troubles: Readonly<Record<string, string>> = {
  missing: 'missing',
  folder: 'a folder',
  notFile: 'no ordinary file',
  notAllowed: 'not readable',
  truncated: 'cut off',
  damaged: 'damaged',
  misnamed: 'packed, by a name without .gz',
  unreadable: 'not readable',
};

function includeView({
  path,
  file,
  line,
  found,
  size,
  objects,
  trouble,
}: Summary['includes'][number]): IncludeView {
  return {
    path,
    file,
    line,
    found,
    size: found ? formatSize(size) : '',
    objects: found ? formatCount(objects) : '',
    trouble: trouble === undefined ? '' : (troubles[trouble] ?? trouble),
  };
}

function round(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
