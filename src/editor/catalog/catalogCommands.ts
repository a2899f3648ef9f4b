import * as vscode from 'vscode';
import type { DatacatClient } from '../../datacat/index.ts';
import { createDisposables, type Disposable, type Job } from '../../watch/index.ts';
import { commands, views, type CommandId } from '../contributions.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import { oneJob } from '../jobs/pickJobs.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { withProgressIn } from '../vscode/progress.ts';
import { askForFilter } from './askForFilter.ts';
import { catalogText } from './catalogLook.ts';
import { datasetOf, isCatalogRow, type CatalogRow } from './catalogTree.ts';
import type { CatalogView } from './catalogView.ts';

/** What one does with a data catalog besides looking at its tree. */
export function registerCatalogCommands(
  parts: Parts,
  view: CatalogView,
  documents: TextDocuments,
): Disposable {
  const owned = createDisposables();
  const add = (id: CommandId, run: (...args: readonly unknown[]) => unknown): void => {
    owned.add(parts.register(id, run));
  };
  add(commands.catalogRefresh, async () => {
    const { state } = parts.sessions;
    if (state.kind !== 'open') await parts.sessions.reopen();
    view.tree?.refresh();
  });
  add(commands.catalogLoadMore, async (row) => {
    if (isCatalogRow(row) && row.kind === 'more') {
      await withProgressIn(views.catalog, () => view.tree?.loadMore(row) ?? Promise.resolve());
    }
  });
  add(commands.catalogSearch, async (row) => {
    await openCatalog(parts);
    const tree = view.tree;
    if (tree === undefined) return;
    const path = containerOf(row) ?? tree.search?.path ?? '/';
    const filter = await askForFilter(path, tree.search?.filter ?? '', tree.names);
    if (filter === undefined) return;
    tree.setSearch({ path, filter });
    await view.revealSearch();
  });
  add(commands.catalogClearSearch, () => view.tree?.setSearch(undefined));
  add(commands.catalogShow, async (row) => {
    const { node } = picked(row, view);
    const known = await view.details(node);
    await documents.show(`${node.name} details.txt`, catalogText(known));
  });
  add(commands.catalogCopyPath, (row) => copy(picked(row, view).node.path));
  add(commands.catalogCopyLocation, async (row) => {
    const known = await view.details(picked(row, view).node);
    const places = known.kind === 'dataset' ? (known.version?.locations ?? []) : [];
    if (places.length === 0) throw new NothingToDo(`${known.path} has no location.`);
    await copy(places.map(({ resource }) => resource).join('\n'));
  });
  add(commands.catalogUseAsInput, async (row) => {
    const node = datasetOf(row) ?? datasetOf(view.selection[0]);
    if (node === undefined) throw new NothingToDo('Choose a dataset in the Catalog view.');
    const { session, client } = await openCatalog(parts);
    const dataset = await client.dataset(node.path);
    const { useAsInput } = await import('./useAsInput.ts');
    await useAsInput(session, dataset);
  });
  add(commands.catalogRegisterOutputs, (...args) => register(args, parts, view));
  return owned;
}

const isFinished = ({ state }: Job): boolean => state === 'finished';

async function register(args: readonly unknown[], parts: Parts, view: CatalogView): Promise<void> {
  const { session, client } = await openCatalog(parts);
  const pandaId = await oneJob(args, parts, {
    title: 'Register outputs in the data catalog',
    placeHolder: 'Finished job whose outputs to register',
    fits: isFinished,
    none: 'No job has finished yet.',
  });
  if (pandaId === undefined) return;
  const { registerOutputs } = await import('./registerOutputs.ts');
  const memory = parts.extension.workspaceState;
  const folder = await registerOutputs(session, client, pandaId, { fileLists: parts.fileLists, memory });
  if (folder !== undefined) view.tree?.refresh();
}

async function openCatalog({
  sessions,
}: Parts): Promise<{ readonly session: Session; readonly client: DatacatClient }> {
  const session = await sessions.require();
  if (session.datacat !== undefined) return { session, client: session.datacat };
  throw new NothingToDo(
    `Profile ${session.profile.name} names no data catalog. Add its address to the profile as datacat.url.`,
  );
}

function picked(row: unknown, view: CatalogView): Extract<CatalogRow, { kind: 'node' }> {
  const given = isCatalogRow(row) ? row : view.selection[0];
  if (given?.kind === 'node') return given;
  throw new NothingToDo('Choose a row in the Catalog view.');
}

function containerOf(row: unknown): string | undefined {
  if (!isCatalogRow(row)) return undefined;
  if (row.kind === 'search') return row.search.path;
  return row.kind === 'node' && row.node.kind !== 'dataset' ? row.node.path : undefined;
}

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  void vscode.window.setStatusBarMessage('Copied', 3000);
}
