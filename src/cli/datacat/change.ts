import type { DatacatClient } from '../../datacat/index.ts';
import { plural } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { cleanLine } from '../render/style.ts';
import { UsageError } from '../usageError.ts';
import { onePath, SEE, viewOf } from './look.ts';
import { readChanges } from './metadataWords.ts';
import { renderNode } from './render.ts';
import { nodeShape } from './shapes.ts';

export async function makeFolder(
  { args, io, out }: CommandContext,
  client: DatacatClient,
  words: readonly string[],
): Promise<ExitCode> {
  const path = onePath('mkdir', words).replace(/\/+$/u, '');
  const slash = path.lastIndexOf('/');
  if (slash < 0 || path === '') throw new UsageError('A path begins with a slash.', SEE);
  const description = args.text('description');
  const made = await client.createContainer(
    path.slice(0, slash) || '/',
    {
      kind: args.flag('group') ? 'group' : 'folder',
      name: path.slice(slash + 1),
      ...(description === undefined ? {} : { description }),
    },
    { signal: io.signal },
  );
  out.result(nodeShape(made));
  out.line(`Made the ${made.kind} ${cleanLine(made.path)}.`);
  return EXIT.ok;
}

/** Sets and ends metadata of a container, or of a version of a dataset. */
export async function setMetadata(
  context: CommandContext,
  client: DatacatClient,
  words: readonly string[],
): Promise<ExitCode> {
  const { args, io, out } = context;
  const [path, ...pairs] = words;
  const metadata = readChanges(pairs, args.texts('unset'));
  if (path === undefined || metadata.length === 0) {
    throw new UsageError('There is nothing to set.', 'Say datacat set PATH NAME=VALUE, or --unset NAME');
  }
  const { signal } = io;
  const node = await client.get(path, { signal });
  const changed =
    node.kind === 'dataset'
      ? await client.patchDataset(path, { metadata }, viewOf(context), { signal })
      : await client.patchContainer(path, { metadata }, { signal });
  out.result(nodeShape(changed));
  for (const line of renderNode(changed, out)) out.line(line);
  return EXIT.ok;
}

/** Removes datasets and empty containers from the catalog; the files themselves stay where they are. */
export async function remove(
  { args, io, out }: CommandContext,
  client: DatacatClient,
  words: readonly string[],
): Promise<ExitCode> {
  const { signal } = io;
  if (words.length === 0) throw new UsageError('There is nothing to remove.', 'Name a path');
  const nodes = await Promise.all([...new Set(words)].map((path) => client.get(path, { signal })));
  if (!(await confirm(io, question(nodes.map(({ path }) => path)), args.flag('yes')))) {
    out.note('Nothing was removed.');
    return EXIT.refused;
  }
  for (const node of nodes) {
    await client.remove(node, { signal });
    out.line(`Removed ${cleanLine(node.path)}.`);
  }
  out.result({ removed: nodes.map(({ path }) => path) });
  return EXIT.ok;
}

const NAMED = 3;

function question(paths: readonly string[]): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  const named = paths.slice(0, NAMED).map(cleanLine).join(', ');
  return `Remove ${plural(paths.length, 'entry', 'entries')} from the data catalog, with all versions: ${named}${more}? Files stay where they are.`;
}
