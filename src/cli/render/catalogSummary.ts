import { describeFacts } from '../../transformations/index.ts';
import type { CatalogSummary } from '../../transformations/index.ts';
import { formatCount, formatSize, plural } from '../../watch/index.ts';
import { cleanLine } from './style.ts';

/** Models that are named; the others are counted together. */
const MOST_MODELS = 20;

/** What a catalog holds, a line for each fact. */
export function catalogSummary({ visit, objects, includes }: CatalogSummary): readonly string[] {
  const facts = describeFacts(visit).map(({ label, value, note }) => {
    return [label, note === undefined ? value : `${value} (${note})`] as const;
  });
  const rows = [
    ...facts,
    ['Objects', objectsText(objects)] as const,
    ...(objects.magRange === null ? [] : [['Magnitudes', objects.magRange.join(' to ')] as const]),
    ['Spectra', spectraText(objects)] as const,
    ...includes.map(({ path, found, size, objects: count, trouble }) => {
      const state = found ? `${formatSize(size)}, ${plural(count, 'object')}` : 'missing';
      return ['Include', `${path}: ${state}${found && trouble !== undefined ? `, ${trouble}` : ''}`] as const;
    }),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${cleanLine(text)}`);
}

function objectsText({ total, included, byModel }: CatalogSummary['objects']): string {
  const models = Object.entries(byModel).sort(([, one], [, other]) => other - one);
  const named = models.slice(0, MOST_MODELS).map(([name, count]) => `${formatCount(count)} ${name}`);
  const more = models.length > MOST_MODELS ? [`${models.length - MOST_MODELS} more models`] : [];
  const all = plural(total + included, 'object');
  return models.length === 0 ? all : `${all}: ${[...named, ...more].join(', ')}`;
}

function spectraText({ distinctSeds, moreSeds, missingSeds }: CatalogSummary['objects']): string {
  const all = `${moreSeds ? 'more than ' : ''}${plural(distinctSeds, 'spectrum', 'spectra')}`;
  return missingSeds.length === 0 ? all : `${all}, missing: ${missingSeds.join(', ')}`;
}
