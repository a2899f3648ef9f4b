import * as vscode from 'vscode';
import { createDisposables, systemClock, type Disposable } from '../../watch/index.ts';
import { commands, views } from '../contributions.ts';
import type { RowLook } from '../rowLook.ts';
import { treeItem } from '../vscode/treeItem.ts';
import type { Daemons } from './daemons.ts';
import type { PipelineRuns } from './pipelineRuns.ts';
import type { PipelineSource, ViewNode } from './pipelineSource.ts';

/** Milliseconds: a run changes more often than anybody reads. */
const DRAW_EVERY = 250;
/** Milliseconds: rows of running jobs say for how long. */
const DRAW_TIME_EVERY = 10_000;

/** The Pipeline view: daemons of this machine, then runs of task files, the newest first. */
export class PipelineView implements vscode.TreeDataProvider<ViewNode>, vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<ViewNode | ViewNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changes.event;
  readonly #owned = createDisposables();
  readonly #view: vscode.TreeView<ViewNode>;
  readonly #runs: PipelineRuns;
  readonly #daemons: Daemons;
  /** By their first rows; undefined where one came or went since. */
  #sources: ReadonlyMap<ViewNode, PipelineSource> | undefined;
  /** How each row that the editor asked for was last drawn. */
  readonly #drawn = new Map<ViewNode, string>();
  #soon: Disposable | undefined;
  #clockwork: Disposable | undefined;

  constructor(runs: PipelineRuns, daemons: Daemons) {
    this.#runs = runs;
    this.#daemons = daemons;
    this.#view = this.#owned.add(
      vscode.window.createTreeView(views.pipeline, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.#owned.add(this.#view.onDidChangeVisibility(({ visible }) => this.#look(visible)));
    this.#owned.add(this.#view.onDidCollapseElement(({ element }) => this.sourceOf(element)?.close(element)));
    this.#owned.add(this.#changes);
    this.#owned.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.#look(this.#view.visible);
        this.#drawAll();
      }),
    );
    for (const { onDidChange } of [runs, daemons]) this.#owned.add(onDidChange(() => this.#drawAll()));
    this.#owned.add(runs.onDidChangeRun(() => this.#drawSoon()));
    this.#owned.add(daemons.onDidChangeSource(() => this.#drawSoon()));
    this.#look(this.#view.visible);
  }

  /** Brings a run into view. */
  async reveal({ root }: PipelineSource): Promise<void> {
    await this.#view.reveal(root, { expand: 2, select: true, focus: false });
  }

  sourceOf(node: ViewNode): PipelineSource | undefined {
    this.#sources ??= new Map(
      [...this.#daemons.list, ...this.#runs.list].map((source) => [source.root, source]),
    );
    return this.#sources.get(rootOf(node));
  }

  async getChildren(node?: ViewNode): Promise<ViewNode[]> {
    if (node === undefined) return [...this.#daemons.list, ...this.#runs.list].map(({ root }) => root);
    const source = this.sourceOf(node);
    await source?.load(node);
    return [...(source?.children(node) ?? [])];
  }

  getParent(node: ViewNode): ViewNode | undefined {
    return node.parent;
  }

  getTreeItem(node: ViewNode): vscode.TreeItem {
    const source = this.sourceOf(node);
    const look = source?.look(node, systemClock.now());
    if (source === undefined || look === undefined) return new vscode.TreeItem('…');
    this.#drawn.set(node, fingerprint(look, node, source));
    const item = treeItem(node.id, look);
    if (node.kind === 'more' || node.kind === 'moreHeld') {
      item.command = { command: commands.loadMoreStreams, title: 'Load more', arguments: [node] };
    }
    return item;
  }

  dispose(): void {
    this.#soon?.dispose();
    this.#clockwork?.dispose();
    this.#owned.dispose();
  }

  #look(visible: boolean): void {
    // In a restricted workspace nothing connects.
    this.#daemons.watch(visible && vscode.workspace.isTrusted);
    this.#keepTime(visible);
  }

  #keepTime(visible: boolean): void {
    this.#clockwork?.dispose();
    this.#clockwork = undefined;
    if (!visible) return;
    this.#clockwork = systemClock.after(DRAW_TIME_EVERY, () => {
      this.#draw();
      this.#keepTime(true);
    });
  }

  #drawAll(): void {
    this.#sources = undefined;
    this.#changes.fire(undefined);
  }

  #drawSoon(): void {
    this.#soon ??= systemClock.after(DRAW_EVERY, () => {
      this.#soon = undefined;
      this.#draw();
    });
  }

  /** Fires for the rows that look different now, or have others below them. */
  #draw(): void {
    const changed: ViewNode[] = [];
    const now = systemClock.now();
    for (const [node, before] of this.#drawn) {
      const source = this.sourceOf(node);
      const look = source?.look(node, now);
      if (source === undefined || look === undefined) this.#drawn.delete(node);
      else if (fingerprint(look, node, source) !== before) changed.push(node);
    }
    if (changed.length > 0) this.#changes.fire(changed);
    const trouble = this.#runs.list.find(({ facts }) => facts.running && facts.trouble !== undefined);
    this.#view.message = trouble?.facts.trouble ?? '';
  }
}

/** The first row above one. */
function rootOf(node: ViewNode): ViewNode {
  return node.parent === undefined ? node : rootOf(node.parent);
}

function fingerprint(look: RowLook, node: ViewNode, source: PipelineSource): string {
  return JSON.stringify([look, source.children(node).map(({ id }) => id)]);
}
