import * as vscode from 'vscode';
import { createDisposables, systemClock, type Disposable, type Grouping } from '../../watch/index.ts';
import { commands, schemes, type JobTarget } from '../contributions.ts';
import type { FileLists } from '../outputs/fileLists.ts';
import { filePath } from '../outputs/fileUri.ts';
import { localPath } from '../outputs/localPath.ts';
import type { Session, Sessions } from '../session.ts';
import { treeItem } from '../vscode/treeItem.ts';
import { fileLook, fileRows, type FileNode } from './fileRows.ts';
import { lookContext, lookOf } from './jobLook.ts';
import { JobTree, TREE_DEFAULTS, type GroupNode, type JobNode } from './jobTree.ts';

/** A row of the Jobs view. */
export type ViewNode = JobNode | FileNode;

/** Feeds the rows of the session's jobs to the editor, and tells it which of them changed. */
export class JobsProvider implements vscode.TreeDataProvider<ViewNode>, vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<ViewNode | ViewNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changes.event;
  readonly #sessions: Sessions;
  readonly #fileLists: FileLists;
  readonly #subscriptions: Disposable[] = [];
  #session: Session | undefined;
  #storeSubscription: Disposable | undefined;
  #tree: JobTree | undefined;
  #grouping: Grouping;
  #filter = '';
  #preparing: AbortController | undefined;

  constructor(sessions: Sessions, fileLists: FileLists, grouping: Grouping) {
    this.#sessions = sessions;
    this.#fileLists = fileLists;
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

  /** Asks again for the files of jobs. */
  refreshFiles(): void {
    this.#fileLists.forget();
    this.#changes.fire(undefined);
  }

  async getChildren(node?: ViewNode): Promise<ViewNode[]> {
    if (node?.kind === 'file' || node?.kind === 'note') return [];
    if (node?.kind !== 'job') {
      if (node?.kind === 'group') await this.#loadJobs(node);
      return [...(this.#tree?.children(node) ?? [])];
    }
    return this.#session === undefined ? [] : [...(await fileRows(node, this.#session, this.#fileLists))];
  }

  /** Those of a task that ended long ago are looked for when somebody wants to see them. */
  async #loadJobs(node: GroupNode): Promise<void> {
    const task = this.#tree?.task(node);
    if (task !== undefined && task.state !== null) await this.#session?.tasks.loadJobs(task.taskId);
  }

  getParent(node: ViewNode): ViewNode | undefined {
    return node.parent;
  }

  getTreeItem(node: ViewNode): vscode.TreeItem {
    if (this.#tree === undefined || this.#session === undefined) return new vscode.TreeItem('');
    const { profile, storageFolder } = this.#session;
    if (node.kind === 'file' || node.kind === 'note') {
      return fileItem(node, this.#session);
    }
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
      const options = { ...TREE_DEFAULTS, grouping: this.#grouping, filter: this.#filter };
      const tree = new JobTree(session.store, options, session.tasks);
      this.#tree = tree;
      const draw = (touched: ReturnType<JobTree['update']>): void => {
        if (touched === 'all') this.#changes.fire(undefined);
        else if (touched.length > 0) this.#changes.fire([...touched]);
      };
      const owned = createDisposables();
      owned.add(session.store.onDidChange((change) => draw(tree.update(change))));
      owned.add(session.tasks.onDidChange((taskIds) => draw(tree.updateTasks(taskIds))));
      this.#storeSubscription = owned;
    }
    this.#changes.fire(undefined);
  }
}

/** The icon is that of the file's type in the user's theme. */
function fileItem(node: FileNode, session: Session): vscode.TreeItem {
  const { pandaId } = node.parent;
  const isHere = node.kind === 'file' && localPath(session, pandaId, node.file) !== undefined;
  const item = treeItem(node.id, fileLook(node, isHere));
  if (node.kind === 'note') return item;
  const path = filePath({ profile: session.profile.name, pandaId, name: node.file.name });
  const uri = vscode.Uri.from({ scheme: schemes.files, path });
  item.resourceUri = uri;
  item.iconPath = vscode.ThemeIcon.File;
  item.command = { command: 'vscode.open', title: 'Open', arguments: [uri] };
  return item;
}
