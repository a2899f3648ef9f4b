import type { CatalogDataset, CatalogNode, DatasetLocation, MetadataEntry } from '../../datacat/index.ts';
import { formatSize, formatTime } from '../../watch/index.ts';
import type { Output } from '../output.ts';
import { cleanLine } from '../render/style.ts';
import { renderTable } from '../render/table.ts';

/** A value of metadata for people. */
export function metadataText(entry: MetadataEntry): string {
  return entry.type === 'timestamp' ? formatTime(entry.value) : cleanLine(String(entry.value));
}

/** A list of what a container holds. */
export function renderNodes(nodes: readonly CatalogNode[], { style, width }: Output): readonly string[] {
  const rows = nodes.map((node) => [
    { text: node.kind === 'dataset' ? '' : node.kind, paint: style.dim },
    { text: cleanLine(node.kind === 'dataset' ? node.name : `${node.name}/`) },
    { text: node.kind === 'dataset' ? cleanLine(node.dataType ?? '') : '' },
    { text: node.kind === 'dataset' ? cleanLine(node.fileFormat ?? '') : '' },
    { text: node.kind === 'dataset' ? '' : cleanLine(node.description ?? ''), paint: style.dim },
  ]);
  const columns = [
    { title: 'Kind' },
    { title: 'Name', flexible: true },
    { title: 'Type' },
    { title: 'Format' },
    { title: 'Description', flexible: true },
  ];
  return renderTable(columns, rows, { width, paintTitle: style.dim });
}

/** Results of a search, with the metadata that was asked for. */
export function renderResults(
  datasets: readonly CatalogDataset[],
  show: readonly string[],
  { style, width }: Output,
): readonly string[] {
  const rows = datasets.map(({ path, version, metadata }) => {
    const size = version?.locations[0]?.size ?? null;
    const shown = show.map((name) => {
      const entry = metadata.find((one) => one.name === name);
      return { text: entry === undefined ? '' : metadataText(entry) };
    });
    return [{ text: cleanLine(path) }, { text: size === null ? '' : formatSize(size) }, ...shown];
  });
  const columns = [
    { title: 'Path', flexible: true },
    { title: 'Size', align: 'right' as const },
    ...show.map((title) => ({ title })),
  ];
  return renderTable(columns, rows, { width, paintTitle: style.dim });
}

type AddLine = (name: string, value: string | number | null) => void;

/** Everything of one entry. */
export function renderNode(node: CatalogNode, { style }: Output): readonly string[] {
  const lines = [`${style.bold(cleanLine(node.path))}  ${node.kind}`];
  const add: AddLine = (name, value) => {
    if (value === null || value === '') return;
    lines.push(`  ${style.dim(name.padEnd(16))} ${cleanLine(String(value))}`);
  };
  if (node.kind === 'dataset') addDataset(node, add);
  else add('Description', node.description);
  const version = node.kind === 'dataset' ? node.version : undefined;
  const metadata = [...node.metadata, ...(version?.metadata ?? [])];
  if (metadata.length > 0) lines.push('Metadata');
  for (const entry of metadata) add(entry.name, metadataText(entry));
  const locations = version?.locations ?? [];
  if (locations.length > 0) lines.push('Locations');
  for (const location of locations) add(location.site, locationText(location, locations.length > 1));
  return lines;
}

function locationText(
  { resource, size, checksum, master }: DatasetLocation,
  isOneOfSeveral: boolean,
): string {
  const facts = [
    resource,
    size === null ? '' : formatSize(size),
    checksum === null ? '' : `checksum ${checksum}`,
    master && isOneOfSeveral ? 'master' : '',
  ];
  return facts.filter((fact) => fact !== '').join('  ');
}

function addDataset({ dataType, fileFormat, created, version }: CatalogDataset, add: AddLine): void {
  add('Type', dataType);
  add('Format', fileFormat);
  add('Created', created === null ? null : formatTime(created));
  if (version === undefined) return;
  add('Version', `${version.id}${version.latest ? ', the latest' : ''}`);
  add('Process instance', version.processInstance);
  add('Task', version.taskName);
}
