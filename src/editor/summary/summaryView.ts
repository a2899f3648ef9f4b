import { basename } from 'node:path';
import { SENSORS, type CatalogReport, type SkyMap } from '../../transformations/index.ts';
import { formatCount, formatSize, plural } from '../../watch/index.ts';
import type {
  Fact,
  Histogram,
  IncludeView,
  ModelCount,
  SensorView,
  SkyGrid,
  SummaryView,
} from './messages.ts';

type Summary = CatalogReport['summary'];
type Visit = Summary['visit'];

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
    facts: facts(visit),
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

function facts(visit: Visit): Fact[] {
  const from = (...names: readonly string[]): Pick<Fact, 'note'> =>
    names.every((name) => visit.defaulted.includes(name)) ? { note: 'phoSim’s default' } : {};
  const degrees = (value: number): string => `${round(value, 4)}°`;
  return [
    { label: 'Visit', value: visit.obshistid, ...from('obshistid') },
    { label: 'Filter', value: visit.filter, ...from('filter') },
    {
      label: 'Pointing',
      value: `RA ${degrees(visit.ra)}, Dec ${degrees(visit.dec)}`,
      ...from('rightascension', 'declination'),
    },
    { label: 'Time', value: `${utcText(visit.utc)} (MJD ${visit.mjd})`, ...from('mjd') },
    { label: 'Exposure', value: exposureText(visit), ...from('vistime', 'nsnap') },
    { label: 'Altitude, azimuth', value: altitudeText(visit), ...from('altitude', 'azimuth') },
    {
      label: 'Rotation',
      value: `sky ${degrees(visit.rotskypos)}, telescope ${degrees(visit.rottelpos)}`,
      ...from('rotskypos', 'rottelpos'),
    },
    {
      label: 'Seeing',
      value: visit.seeing > 0 ? `${round(visit.seeing, 3)}″` : 'drawn at random',
      ...from('seeing'),
    },
    { label: 'Moon', value: moonText(visit), ...from('moonalt', 'moonphase', 'dist2moon') },
    { label: 'Seed', value: String(visit.seed), ...from('seed') },
  ];
}

function utcText(utc: string | null): string {
  return utc === null ? 'no date' : `${utc.replace('T', ' ').replace('Z', '')} UTC`;
}

function exposureText({ nsnap, vistime }: Visit): string {
  return nsnap === 1 ? `${round(vistime, 3)} s` : `${round(vistime, 3)} s in ${nsnap} exposures`;
}

function altitudeText({ altitude, azimuth, airmass }: Visit): string {
  const air = airmass === null ? '' : `, air mass ${round(airmass, 2)}`;
  return `${round(altitude, 2)}°, ${round(azimuth, 2)}°${air}`;
}

function moonText({ moon }: Visit): string {
  if (moon.altitude < 0) return `below the horizon, ${round(moon.phase, 1)} % lit`;
  return `${round(moon.altitude, 1)}° high, ${round(moon.phase, 1)} % lit, ${round(moon.distance, 1)}° away`;
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
