import * as vscode from 'vscode';
import { createDisposables, systemClock, type Disposable } from '../../watch/index.ts';
import { commands, views } from '../contributions.ts';
import type { RowLook } from '../rowLook.ts';
import { treeItem } from '../vscode/treeItem.ts';
import { pipelineLook } from './pipelineLook.ts';
import type { PipelineRun } from './pipelineRun.ts';
import type { PipelineRuns } from './pipelineRuns.ts';
import type { MoreNode, PipelineNode, PipelineTree } from './pipelineTree.ts';

/** Milliseconds: a run changes more often than anybody reads. */
const DRAW_EVERY = 250;
/** Milliseconds: rows of running jobs say for how long. */
const DRAW_TIME_EVERY = 10_000;

/** The Pipeline view: runs of task files, the newest first. */
export class PipelineView implements vscode.TreeDataProvider<PipelineNode>, vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<PipelineNode | PipelineNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changes.event;
  readonly #owned = createDisposables();
  readonly #view: vscode.TreeView<PipelineNode>;
  readonly #runs: PipelineRuns;
  /** How each row that the editor asked for was last drawn. */
  readonly #drawn = new Map<PipelineNode, string>();
  #soon: Disposable | undefined;
  #clockwork: Disposable | undefined;

  constructor(runs: PipelineRuns) {
    this.#runs = runs;
    this.#view = this.#owned.add(
      vscode.window.createTreeView(views.pipeline, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.#owned.add(this.#view.onDidChangeVisibility(({ visible }) => this.#keepTime(visible)));
    this.#owned.add(this.#changes);
    this.#owned.add(runs.onDidChange(() => this.#changes.fire(undefined)));
    this.#owned.add(runs.onDidChangeRun(() => this.#drawSoon()));
  }

  /** Brings a run into view. */
  async reveal({ tree }: PipelineRun): Promise<void> {
    await this.#view.reveal(tree.root, { expand: 2, select: true, focus: false });
  }

  runOf(node: PipelineNode): PipelineRun | undefined {
    const root = rootOf(node);
    return this.#runs.list.find(({ tree }) => tree.root === root);
  }

  showMore(node: MoreNode): void {
    this.runOf(node)?.tree.showMore(node);
    this.#changes.fire(node.parent);
  }

  getChildren(node?: PipelineNode): PipelineNode[] {
    if (node === undefined) return this.#runs.list.map(({ tree }) => tree.root);
    return [...(this.runOf(node)?.tree.children(node) ?? [])];
  }

  getParent(node: PipelineNode): PipelineNode | undefined {
    return node.parent;
  }

  getTreeItem(node: PipelineNode): vscode.TreeItem {
    const run = this.runOf(node);
    const look = run === undefined ? undefined : this.#look(node, run);
    if (run === undefined || look === undefined) return new vscode.TreeItem('…');
    this.#drawn.set(node, fingerprint(look, node, run.tree));
    const item = treeItem(node.id, look);
    if (node.kind === 'more') {
      item.command = { command: commands.loadMoreStreams, title: 'Load more', arguments: [node] };
    }
    return item;
  }

  dispose(): void {
    this.#soon?.dispose();
    this.#clockwork?.dispose();
    this.#owned.dispose();
  }

  #look(node: PipelineNode, { tree, facts }: PipelineRun): RowLook | undefined {
    return pipelineLook(node, tree, facts, systemClock.now());
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

  #drawSoon(): void {
    this.#soon ??= systemClock.after(DRAW_EVERY, () => {
      this.#soon = undefined;
      this.#draw();
    });
  }

  /** Fires for the rows that look different now, or have others below them. */
  #draw(): void {
    const changed: PipelineNode[] = [];
    for (const [node, before] of this.#drawn) {
      const run = this.runOf(node);
      const look = run === undefined ? undefined : this.#look(node, run);
      if (run === undefined || look === undefined) this.#drawn.delete(node);
      else if (fingerprint(look, node, run.tree) !== before) changed.push(node);
    }
    if (changed.length > 0) this.#changes.fire(changed);
    const trouble = this.#runs.list.find(({ facts }) => facts.running && facts.trouble !== undefined);
    this.#view.message = trouble?.facts.trouble ?? '';
  }
}

/** The run that a row belongs to. */
function rootOf(node: PipelineNode): PipelineNode {
  return node.parent === undefined ? node : rootOf(node.parent);
}

function fingerprint(look: RowLook, node: PipelineNode, tree: PipelineTree): string {
  return JSON.stringify([look, tree.children(node).map(({ id }) => id)]);
}
