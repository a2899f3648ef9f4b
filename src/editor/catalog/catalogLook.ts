import type { CatalogDataset, CatalogNode, DatasetLocation, MetadataEntry } from '../../datacat/index.ts';
import { formatCount, formatSize, formatTime } from '../../watch/index.ts';
import { contextValue } from '../jobs/contextValue.ts';
import { escapeMarkdown } from '../markdown.ts';
import { moreLook, noteLook, type RowLook } from '../rowLook.ts';
import type { CatalogRow } from './catalogTree.ts';

/** A row of the Catalog view. `found`: results of a search in all, as far as known. */
export function catalogLook(row: CatalogRow, found: number | undefined): RowLook {
  switch (row.kind) {
    case 'node':
      return row.node.kind === 'dataset'
        ? datasetLook(row.node, row.parent?.kind === 'search')
        : containerLook(row.node);
    case 'search':
      return searchLook(row, found);
    case 'more':
      return moreLook('');
    case 'note':
      return noteLook(row.text);
  }
}

function containerLook(node: Exclude<CatalogNode, CatalogDataset>): RowLook {
  const description = node.description ?? '';
  return {
    label: node.name,
    description,
    icon: { codicon: node.kind === 'group' ? 'files' : 'folder', color: undefined },
    tooltip: catalogTooltip(node),
    contextValue: contextValue({ kind: 'catalogContainer' }),
    expandable: true,
    spoken: [`${node.kind} ${node.name}`, description].filter((part) => part !== '').join(', '),
  };
}

function datasetLook(node: CatalogDataset, isResult: boolean): RowLook {
  const size = node.version?.locations[0]?.size ?? null;
  const folder = node.path.slice(0, node.path.lastIndexOf('/')) || '/';
  const facts = [
    node.fileFormat ?? '',
    node.dataType ?? '',
    size === null ? '' : formatSize(size),
    isResult ? folder : '',
  ];
  const description = facts.filter((fact) => fact !== '').join(' · ');
  return {
    label: node.name,
    description,
    icon: { codicon: 'database', color: undefined },
    tooltip: catalogTooltip(node),
    contextValue: contextValue({ kind: 'catalogDataset' }),
    expandable: false,
    spoken: `dataset ${node.name}, ${description.replaceAll(' · ', ', ')}`,
  };
}

function searchLook({ search }: Extract<CatalogRow, { kind: 'search' }>, found: number | undefined): RowLook {
  const count = found === undefined ? '' : `${formatCount(found)} found · `;
  return {
    label: search.filter === '' ? 'All datasets' : search.filter,
    description: `${count}in ${search.path}`,
    icon: { codicon: 'search', color: undefined },
    tooltip: escapeMarkdown(`Search in ${search.path}: ${search.filter}`),
    contextValue: contextValue({ kind: 'catalogSearch' }),
    expandable: true,
    spoken: `Search for ${search.filter} in ${search.path}`,
  };
}

const MOST_LINES = 30;

/** Everything of an entry that is known, as Markdown: facts, then metadata, then where copies lie. */
export function catalogTooltip(node: CatalogNode): string {
  const rows = [
    ...factsOf(node),
    ...metadataOf(node).map((entry) => [entry.name, metadataText(entry)] as const),
  ];
  const table = rows
    .slice(0, MOST_LINES)
    .map(([name, value]) => `| ${escapeMarkdown(name)} | ${escapeMarkdown(value)} |`);
  const more = rows.length > MOST_LINES ? [`and ${rows.length - MOST_LINES} more`] : [];
  const locations = locationsOf(node).map(
    (location) => `$(location) ${escapeMarkdown(`${location.site}: ${locationText(location)}`)}`,
  );
  return [
    `**${escapeMarkdown(node.path)}** ${node.kind}`,
    ...(table.length === 0 ? [] : [['| | |', '|---|---|', ...table].join('\n')]),
    ...more,
    ...locations,
  ].join('\n\n');
}

/** The same as plain lines, for a document. */
export function catalogText(node: CatalogNode): string {
  const lines = [`${node.path}  (${node.kind})`, ''];
  const add = (title: string, rows: readonly (readonly [name: string, value: string])[]): void => {
    if (rows.length === 0) return;
    const width = Math.max(...rows.map(([name]) => name.length));
    if (title !== '') lines.push('', title);
    for (const [name, value] of rows) lines.push(`  ${name.padEnd(width)}  ${value}`);
  };
  add('', factsOf(node));
  add(
    'Metadata',
    metadataOf(node).map((entry) => [entry.name, metadataText(entry)] as const),
  );
  add(
    'Locations',
    locationsOf(node).map((location) => [location.site, locationText(location)] as const),
  );
  return `${lines.join('\n')}\n`;
}

function factsOf(node: CatalogNode): readonly (readonly [name: string, value: string])[] {
  const facts: readonly (readonly [name: string, value: string | number | null | undefined])[] =
    node.kind === 'dataset'
      ? [
          ['Type', node.dataType],
          ['Format', node.fileFormat],
          ['Created', node.created === null ? null : formatTime(node.created)],
          ['Version', node.version === undefined ? null : versionText(node.version)],
          ['Process instance', node.version?.processInstance],
          ['Task', node.version?.taskName],
        ]
      : [['Description', node.description]];
  return facts.flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)] as const],
  );
}

function versionText({ id, latest }: { readonly id: number; readonly latest: boolean }): string {
  return latest ? `${id}, the latest` : String(id);
}

function metadataOf(node: CatalogNode): readonly MetadataEntry[] {
  return [...node.metadata, ...(node.kind === 'dataset' ? (node.version?.metadata ?? []) : [])];
}

function locationsOf(node: CatalogNode): readonly DatasetLocation[] {
  return node.kind === 'dataset' ? (node.version?.locations ?? []) : [];
}

function metadataText(entry: MetadataEntry): string {
  return entry.type === 'timestamp' ? formatTime(entry.value) : String(entry.value);
}

function locationText({ resource, size, checksum }: DatasetLocation): string {
  const facts = [
    resource,
    size === null ? '' : formatSize(size),
    checksum === null ? '' : `checksum ${checksum}`,
  ];
  return facts.filter((fact) => fact !== '').join(' · ');
}
