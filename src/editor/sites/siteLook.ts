import type { ResourceType, SiteSpec, StateCounts } from '../../panda/index.ts';
import { describeCounts, formatCount, formatDuration, formatSize, type SiteView } from '../../watch/index.ts';
import { contextValue } from '../jobs/contextValue.ts';
import { describeMotion, inMotion } from '../jobs/viewState.ts';
import { escapeMarkdown } from '../markdown.ts';
import type { Icon, RowLook } from '../rowLook.ts';

/** A row of the Sites view. */
export function siteLook(site: SiteView, isDefault: boolean): RowLook {
  const { name, status, comment } = site.spec;
  const facts = [status, describeMine(site.mine), describeEverybody(site.everybody)];
  if (isDefault) facts.splice(1, 0, 'default');
  const description = facts.filter((fact) => fact !== '').join(' · ');
  const lines = [
    `**${escapeMarkdown(name)}** ${escapeMarkdown(status)}`,
    comment === null ? '' : escapeMarkdown(comment),
    `My jobs: ${escapeMarkdown(describeCounts(site.mine) || 'none')}`,
    `Active jobs of everybody: ${escapeMarkdown(describeCounts(site.everybody) || 'none')}`,
  ];
  return {
    label: name,
    description,
    icon: statusIcon(status),
    tooltip: lines.filter((line) => line !== '').join('\n\n'),
    contextValue: contextValue({ kind: 'site', failures: (site.mine.failed ?? 0) > 0 }),
    expandable: true,
    spoken: `${name}, ${description.replaceAll(' · ', ', ')}`,
  };
}

/** What a status looks like; only `online` takes jobs as usual. */
function statusIcon(status: string): Icon {
  if (status === 'online') return { codicon: 'circle-filled', color: 'charts.green' };
  if (status === 'offline') return { codicon: 'circle-slash', color: 'descriptionForeground' };
  if (status === 'test') return { codicon: 'beaker', color: 'charts.blue' };
  return { codicon: 'circle-outline', color: 'charts.yellow' };
}

/** `12 of mine run, 40 wait` */
function describeMine(mine: StateCounts): string {
  const running = mine.running ?? 0;
  const waiting = inMotion(mine) - running;
  const parts = [
    running > 0 ? `${formatCount(running)} of mine ${running === 1 ? 'runs' : 'run'}` : '',
    waiting > 0
      ? `${formatCount(waiting)}${running > 0 ? '' : ' of mine'} ${waiting === 1 ? 'waits' : 'wait'}`
      : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function describeEverybody(everybody: StateCounts): string {
  const motion = describeMotion(everybody);
  return motion === '' ? '' : `${motion} in all`;
}

/** A line below a site. */
export interface SiteDetail {
  /** Stable word for the row's id. */
  readonly key: string;
  readonly label: string;
  readonly value: string;
  readonly codicon: string;
}

/** What one needs to know before sending a job there; what the queue does not say is left out. */
export function siteDetails(site: SiteView, resourceTypes: readonly ResourceType[]): readonly SiteDetail[] {
  const { spec } = site;
  const fitting = fittingTypes(spec, resourceTypes);
  const details: readonly (SiteDetail | undefined)[] = [
    detail('memory', 'Memory', spec.maxMemoryMB, (mb) => `up to ${formatSize(mb * 1e6)}`, 'server'),
    detail('time', 'Wall time', spec.maxTimeSeconds, (s) => `up to ${formatDuration(s * 1000)}`, 'watch'),
    detail('cores', 'Cores', spec.coreCount, (cores) => formatCount(cores), 'chip'),
    detail(
      'workDir',
      'Work directory',
      spec.maxWorkDirMB,
      (mb) => `up to ${formatSize(mb * 1e6)}`,
      'archive',
    ),
    fitting.length === 0
      ? undefined
      : { key: 'types', label: 'Resource types', value: fitting.join(', '), codicon: 'symbol-enum' },
    { key: 'mine', label: 'My jobs', value: describeCounts(site.mine) || 'none', codicon: 'list-unordered' },
    spec.comment === null || spec.comment === ''
      ? undefined
      : { key: 'comment', label: 'Comment', value: spec.comment, codicon: 'comment' },
  ];
  return details.filter((one) => one !== undefined);
}

function detail(
  key: string,
  label: string,
  value: number | null,
  format: (value: number) => string,
  codicon: string,
): SiteDetail | undefined {
  // PanDA writes 0 for "no limit known".
  return value === null || value === 0 ? undefined : { key, label, value: format(value), codicon };
}

/** Resource types of which a job fits there, by its number of cores. */
function fittingTypes({ coreCount }: SiteSpec, types: readonly ResourceType[]): readonly string[] {
  const cores = coreCount === null || coreCount === 0 ? Infinity : coreCount;
  return types.filter(({ minCores }) => (minCores ?? 0) <= cores).map(({ name }) => name);
}
