import * as vscode from 'vscode';
import { systemClock, type Disposable, type Grouping } from '../../watch/index.ts';
import { commands, type JobTarget } from '../contributions.ts';
import type { Session, Sessions } from '../session.ts';
import { treeItem } from '../vscode/treeItem.ts';
import { lookContext, lookOf } from './jobLook.ts';
import { JobTree, TREE_DEFAULTS, type JobNode } from './jobTree.ts';

/** Feeds the rows of the session's jobs to the editor, and tells it which of them changed. */
export class JobsProvider implements vscode.TreeDataProvider<JobNode>, vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<JobNode | JobNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changes.event;
  readonly #sessions: Sessions;
  readonly #subscriptions: Disposable[] = [];
  #session: Session | undefined;
  #storeSubscription: Disposable | undefined;
  #tree: JobTree | undefined;
  #grouping: Grouping;
  #filter = '';
  #preparing: AbortController | undefined;

  constructor(sessions: Sessions, grouping: Grouping) {
    this.#sessions = sessions;
    this.#grouping = grouping;
    this.#subscriptions.push(sessions.onDidChange(() => this.#follow()));
    this.#follow();
  }

  get tree(): JobTree | undefined {
    return this.#tree;
  }

  get grouping(): Grouping {
    return this.#grouping;
  }

  get filter(): string {
    return this.#filter;
  }

  setGrouping(grouping: Grouping): void {
    this.#grouping = grouping;
    this.#tree?.configure({ grouping });
    this.#changes.fire(undefined);
  }

  /** Resolves when the rows are filtered; a newer filter makes an older one give up. */
  async setFilter(filter: string): Promise<void> {
    this.#preparing?.abort();
    const preparing = new AbortController();
    this.#preparing = preparing;
    await this.#session?.store.prepareFilter(filter, { signal: preparing.signal });
    this.#filter = filter;
    this.#tree?.configure({ filter });
    this.#changes.fire(undefined);
  }

  loadMore(node: JobNode): void {
    if (node.kind === 'more') this.#changes.fire(this.#tree?.loadMore(node));
  }

  /** Draws the rows again that tell of passing time. */
  drawTime(): void {
    const rows = this.#tree?.rowsInMotion() ?? [];
    if (rows.length > 0) this.#changes.fire([...rows]);
  }

  getChildren(node?: JobNode): JobNode[] {
    return [...(this.#tree?.children(node) ?? [])];
  }

  getParent(node: JobNode): JobNode | undefined {
    return node.parent;
  }

  getTreeItem(node: JobNode): vscode.TreeItem {
    if (this.#tree === undefined || this.#session === undefined) return new vscode.TreeItem('');
    const { profile, storageFolder } = this.#session;
    const context = lookContext(profile, storageFolder, systemClock.now());
    const item = treeItem(node.id, lookOf(node, this.#tree, context));
    if (node.kind === 'job') {
      const target: JobTarget = { pandaId: node.pandaId };
      item.command = { command: commands.show, title: 'Show', arguments: [target] };
    }
    if (node.kind === 'more') {
      item.command = { command: commands.loadMore, title: 'Load more', arguments: [node] };
    }
    return item;
  }

  dispose(): void {
    this.#preparing?.abort();
    this.#storeSubscription?.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changes.dispose();
  }

  /** Turns to the session there is now. */
  #follow(): void {
    const session = this.#sessions.current;
    if (session === this.#session) return;
    this.#storeSubscription?.dispose();
    this.#session = session;
    this.#tree = undefined;
    if (session !== undefined) {
      const tree = new JobTree(session.store, {
        ...TREE_DEFAULTS,
        grouping: this.#grouping,
        filter: this.#filter,
      });
      this.#tree = tree;
      this.#storeSubscription = session.store.onDidChange((change) => {
        const touched = tree.update(change);
        if (touched === 'all') this.#changes.fire(undefined);
        else if (touched.length > 0) this.#changes.fire([...touched]);
      });
    }
    this.#changes.fire(undefined);
  }
}
