import * as vscode from 'vscode';
import { DatacatError } from '../../datacat/index.ts';
import type { CatalogNode } from '../../datacat/index.ts';
import { createDisposables } from '../../watch/index.ts';
import { needsSignIn } from '../auth/signInGate.ts';
import { commands, views, type CatalogViewState } from '../contributions.ts';
import { errorText } from '../errorText.ts';
import type { Session, Sessions } from '../session.ts';
import type { ContextKeySetter } from '../vscode/contextKeys.ts';
import { treeItem } from '../vscode/treeItem.ts';
import { catalogLook, catalogTooltip } from './catalogLook.ts';
import { CatalogTree, type CatalogRow } from './catalogTree.ts';

/** The data catalog of the session, read as far as it is looked at. */
export class CatalogView implements vscode.TreeDataProvider<CatalogRow>, vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<CatalogRow | undefined>();
  readonly onDidChangeTreeData = this.#changes.event;
  readonly #sessions: Sessions;
  readonly #contextKeys: ContextKeySetter;
  readonly #owned = createDisposables();
  readonly #view: vscode.TreeView<CatalogRow>;
  #sessionOwned = createDisposables();
  #session: Session | undefined;
  #tree: CatalogTree | undefined;

  constructor(sessions: Sessions, contextKeys: ContextKeySetter) {
    this.#sessions = sessions;
    this.#contextKeys = contextKeys;
    const options = { treeDataProvider: this, showCollapseAll: true };
    this.#view = this.#owned.add(vscode.window.createTreeView(views.catalog, options));
    this.#owned.add(sessions.onDidChange(() => this.#follow()));
    this.#owned.add(this.#changes);
    this.#follow();
  }

  /** Undefined where there is no connection, or the profile names no catalog. */
  get tree(): CatalogTree | undefined {
    return this.#tree;
  }

  get selection(): readonly CatalogRow[] {
    return this.#view.selection;
  }

  /** Brings the results of the search into view. */
  async revealSearch(): Promise<void> {
    const row = this.#tree?.searchRow;
    if (row === undefined) return;
    await vscode.commands.executeCommand(`${views.catalog}.focus`);
    await this.#view.reveal(row, { select: true, focus: true, expand: true });
  }

  async getChildren(row?: CatalogRow): Promise<CatalogRow[]> {
    const tree = this.#tree;
    if (tree === undefined) return [];
    if (row !== undefined) return this.#below(tree, row);
    try {
      const rows = await tree.roots();
      if (tree === this.#tree) this.#show(rows.length === 0 ? 'empty' : 'entries', '');
      return [...rows];
    } catch (error) {
      if (tree === this.#tree) this.#showTrouble(error);
      return [];
    }
  }

  async #below(tree: CatalogTree, row: CatalogRow): Promise<CatalogRow[]> {
    const before = tree.found;
    const rows = await tree.below(row);
    // The row of a search says how many there are.
    if (row.kind === 'search' && tree.found !== before) this.#changes.fire(row);
    return [...rows];
  }

  getParent(row: CatalogRow): CatalogRow | undefined {
    return row.parent;
  }

  getTreeItem(row: CatalogRow): vscode.TreeItem {
    const look = catalogLook(row, this.#tree?.found);
    const item = treeItem(row.id, look);
    if (row.kind === 'search') item.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
    // Filled in when somebody looks: a list has no versions.
    if (row.kind === 'node' && row.node.kind === 'dataset') item.tooltip = undefined;
    if (row.kind === 'more') {
      item.command = { command: commands.catalogLoadMore, title: look.label, arguments: [row] };
    } else if (row.kind === 'node' && row.node.kind === 'dataset') {
      item.command = { command: commands.catalogShow, title: 'Show details', arguments: [row] };
    }
    return item;
  }

  async resolveTreeItem(
    item: vscode.TreeItem,
    row: CatalogRow,
    token: vscode.CancellationToken,
  ): Promise<vscode.TreeItem> {
    if (row.kind !== 'node' || row.node.kind !== 'dataset') return item;
    const stop = new AbortController();
    const cancelled = token.onCancellationRequested(() => stop.abort());
    try {
      item.tooltip = markdown(await this.details(row.node, stop.signal));
    } catch {
      // What the list said is better than nothing.
      item.tooltip = markdown(row.node);
    } finally {
      cancelled.dispose();
    }
    return item;
  }

  /** An entry with all that is known of it. Rejects as the catalog did. */
  async details(node: CatalogNode, signal?: AbortSignal): Promise<CatalogNode> {
    const client = this.#session?.datacat;
    if (client === undefined) return node;
    const known =
      node.kind === 'dataset'
        ? await client.dataset(node.path, {}, { signal })
        : await client.get(node.path, { signal });
    this.#tree?.learn(known);
    return known;
  }

  dispose(): void {
    this.#sessionOwned.dispose();
    this.#owned.dispose();
  }

  #follow(): void {
    const session = this.#sessions.current;
    if (session === this.#session && session !== undefined) return;
    this.#sessionOwned.dispose();
    this.#sessionOwned = createDisposables();
    this.#session = session;
    this.#tree = undefined;
    if (session?.datacat !== undefined) {
      const tree = this.#sessionOwned.add(new CatalogTree(session.datacat));
      this.#sessionOwned.add(tree.onDidChange((row) => this.#changes.fire(row)));
      this.#tree = tree;
    }
    this.#show(session === undefined ? 'notConnected' : this.#tree === undefined ? 'none' : 'opening', '');
    this.#changes.fire(undefined);
  }

  #showTrouble(error: unknown): void {
    const wantsSignIn =
      needsSignIn(error) ||
      (error instanceof DatacatError && error.status === 401 && this.#session?.signIn !== undefined);
    if (wantsSignIn) {
      this.#show('signedOut', '');
      return;
    }
    const text = errorText(error);
    if (text === undefined) return;
    this.#show('trouble', [text.message, text.advice].filter((part) => part !== '').join(' '));
  }

  #show(state: CatalogViewState, message: string): void {
    this.#contextKeys.set('descPanda.catalogView', state);
    if (this.#view.message !== message) this.#view.message = message;
  }
}

function markdown(node: CatalogNode): vscode.MarkdownString {
  const text = new vscode.MarkdownString(catalogTooltip(node));
  text.supportThemeIcons = true;
  return text;
}
