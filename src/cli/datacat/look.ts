import { parseFilter, FilterSyntaxError, withAllBelow } from '../../datacat/index.ts';
import type { CatalogNode, DatacatClient, DatasetView } from '../../datacat/index.ts';
import { formatCount, plural } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { cleanLine } from '../render/style.ts';
import { UsageError } from '../usageError.ts';
import { renderNode, renderNodes, renderResults } from './render.ts';
import { datasetShape, nodeShape } from './shapes.ts';

/** Entries of a list or results of a search, unless told otherwise. */
const MOST = 1000;

export async function list(
  { args, io, out }: CommandContext,
  client: DatacatClient,
  words: readonly string[],
): Promise<ExitCode> {
  const [path = '/', more] = words;
  if (more !== undefined) throw new UsageError('datacat ls takes one path at most.', SEE);
  const max = args.count('max', 1) ?? MOST;
  const { items, next } = await client.children(path, { max, signal: io.signal });
  out.result({ path, children: items.map(nodeShape), more: next !== undefined });
  if (items.length === 0) out.line(`${cleanLine(path)} is empty.`);
  else for (const line of renderNodes(items, out)) out.line(line);
  if (next !== undefined) out.note(`There are more than ${formatCount(max)}; --max shows more of them.`);
  return EXIT.ok;
}

export async function show(
  context: CommandContext,
  client: DatacatClient,
  words: readonly string[],
): Promise<ExitCode> {
  const { out } = context;
  const node = await nodeAt(context, client, onePath('show', words));
  out.result(nodeShape(node));
  for (const line of renderNode(node, out)) out.line(line);
  return EXIT.ok;
}

/** A node with what is known of it: a dataset with the version that is asked for, and all its copies. */
export async function nodeAt(
  context: CommandContext,
  client: DatacatClient,
  path: string,
): Promise<CatalogNode> {
  const { signal } = context.io;
  const node = await client.get(path, { signal });
  return node.kind === 'dataset' ? client.dataset(path, viewOf(context), { signal }) : node;
}

export function viewOf({ args }: CommandContext): DatasetView {
  const version = args.count('version-id', 0);
  const site = args.text('site');
  return { ...(version === undefined ? {} : { version }), ...(site === undefined ? {} : { site }) };
}

/** Where the copies of a dataset lie, one a line: for scripts. */
export async function locations(
  context: CommandContext,
  client: DatacatClient,
  words: readonly string[],
): Promise<ExitCode> {
  const { out, io } = context;
  const path = onePath('locations', words);
  const dataset = await client.dataset(path, viewOf(context), { signal: io.signal });
  const { version } = datasetShape(dataset);
  out.result({ path: dataset.path, version: version?.id ?? null, locations: version?.locations ?? [] });
  for (const { resource } of dataset.version?.locations ?? []) out.line(cleanLine(resource));
  return EXIT.ok;
}

export async function search(
  { args, io, out }: CommandContext,
  client: DatacatClient,
  words: readonly string[],
): Promise<ExitCode> {
  const [path, filter = '', more] = words;
  if (path === undefined || more !== undefined) {
    throw new UsageError('datacat search takes a path and a filter in quotes.', SEE);
  }
  if (filter !== '') refuseBadFilter(filter);
  const shown = args.texts('show');
  const max = args.count('max', 1) ?? MOST;
  const targets = /[*?[\]{}$^]/u.test(path) ? path : withAllBelow(path);
  out.progress('Searching…');
  const query = { filter, sort: args.texts('sort'), show: shown, max, signal: io.signal };
  const { items, count } = await client.search(targets, query);
  out.progress('');
  out.result({ path, filter, count, datasets: items.map(datasetShape) });
  if (items.length === 0) out.line('Nothing matches.');
  else for (const line of renderResults(items, shown, out)) out.line(line);
  if (items.length < count) {
    out.note(`${formatCount(items.length)} of ${plural(count, 'dataset')}; --max shows more of them.`);
  }
  return EXIT.ok;
}

/** Shows the place in the filter: a caret below it. */
function refuseBadFilter(filter: string): void {
  try {
    parseFilter(filter);
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    const { from, to, message } = error;
    const caret = `${' '.repeat(from)}${'^'.repeat(Math.max(1, Math.min(to - from, 40)))}`;
    throw new UsageError(
      `The filter cannot be read: ${message}.\n  ${filter}\n  ${caret}`,
      'Mend it; docs/datacat.md has the language',
    );
  }
}

export function onePath(action: string, words: readonly string[]): string {
  const [path, more] = words;
  if (path !== undefined && more === undefined) return path;
  throw new UsageError(`datacat ${action} takes one path.`, SEE);
}

export const SEE = 'See desc-panda datacat --help';
