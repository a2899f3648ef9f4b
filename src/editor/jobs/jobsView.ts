import * as vscode from 'vscode';
import { createDisposables, systemClock, type Disposable, type Grouping } from '../../watch/index.ts';
import { views } from '../contributions.ts';
import type { FileLists } from '../outputs/fileLists.ts';
import type { Session, Sessions } from '../session.ts';
import type { ContextKeySetter } from '../vscode/contextKeys.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { timeOfDay } from '../vscode/timeOfDay.ts';
import { JobsProvider, type ViewNode } from './jobsProvider.ts';
import { describeMotion, inMotion, jobsViewMessage, jobsViewState } from './viewState.ts';

const GROUPING_KEY = 'jobs.grouping';
const groupings: readonly Grouping[] = ['state', 'submission', 'site', 'day'];

/** Milliseconds; often enough for a text that says minutes. */
const DRAW_TIME_EVERY = 10_000;

export interface JobsViewDeps {
  readonly sessions: Sessions;
  readonly fileLists: FileLists;
  readonly contextKeys: ContextKeySetter;
  /** Where the grouping is remembered. */
  readonly memory: vscode.Memento;
}

/** The Jobs view: the tree, the line above it, its badge, and which welcome text stands in an empty one. */
export class JobsView implements vscode.Disposable {
  readonly provider: JobsProvider;
  readonly #view: vscode.TreeView<ViewNode>;
  readonly #deps: JobsViewDeps;
  readonly #owned = createDisposables();
  #sessionOwned = createDisposables();
  #session: Session | undefined;
  #looking: Disposable | undefined;
  #ticking: Disposable | undefined;
  #clockwork: Disposable | undefined;

  constructor(deps: JobsViewDeps) {
    this.#deps = deps;
    this.provider = this.#owned.add(
      new JobsProvider(deps.sessions, deps.fileLists, rememberedGrouping(deps.memory)),
    );
    this.#view = this.#owned.add(
      vscode.window.createTreeView(views.jobs, {
        treeDataProvider: this.provider,
        canSelectMany: true,
        showCollapseAll: true,
      }),
    );
    this.#owned.add(deps.sessions.onDidChange(() => this.#follow()));
    this.#owned.add(this.#view.onDidChangeVisibility(({ visible }) => this.#look(visible)));
    this.#follow();
    this.#look(this.#view.visible);
  }

  get selection(): readonly ViewNode[] {
    return this.#view.selection;
  }

  async setGrouping(grouping: Grouping): Promise<void> {
    this.provider.setGrouping(grouping);
    this.#draw();
    await this.#deps.memory.update(GROUPING_KEY, grouping);
  }

  async setFilter(filter: string): Promise<void> {
    await withViewProgress(() => this.provider.setFilter(filter.trim()));
    this.#draw();
  }

  /** Brings a job into view, if the view is open and the job is on a page that is shown. */
  async reveal(pandaId: number): Promise<void> {
    const node = this.provider.tree?.find(pandaId);
    if (node !== undefined && this.#view.visible)
      await this.#view.reveal(node, { select: true, focus: false });
  }

  /** Brings a task into view, as for a job. */
  async revealTask(taskId: number): Promise<void> {
    const node = this.provider.tree?.findTask(taskId);
    if (node !== undefined && this.#view.visible)
      await this.#view.reveal(node, { select: true, focus: false, expand: true });
  }

  dispose(): void {
    this.#looking?.dispose();
    this.#ticking?.dispose();
    this.#clockwork?.dispose();
    this.#sessionOwned.dispose();
    this.#owned.dispose();
  }

  #look(visible: boolean): void {
    this.#looking?.dispose();
    this.#looking = visible ? this.#deps.sessions.look() : undefined;
    if (visible && this.#deps.sessions.state.kind === 'closed') {
      void withViewProgress(() => this.#deps.sessions.open());
    }
    this.#clockwork?.dispose();
    this.#clockwork = undefined;
    if (visible) this.#keepTime();
    this.#draw();
  }

  /** Rows of running jobs say for how long. */
  #keepTime(): void {
    this.#clockwork = systemClock.after(DRAW_TIME_EVERY, () => {
      this.provider.drawTime();
      this.#keepTime();
    });
  }

  #follow(): void {
    const session = this.#deps.sessions.current;
    if (session !== this.#session) {
      this.#sessionOwned.dispose();
      this.#sessionOwned = createDisposables();
      this.#session = session;
      if (session !== undefined) {
        this.#sessionOwned.add(session.store.onDidChange(() => this.#draw()));
        this.#sessionOwned.add(session.tasks.onDidChange(() => this.#draw()));
        this.#sessionOwned.add(session.poller.onDidChangeStatus(() => this.#draw()));
      }
    }
    this.#draw();
  }

  #draw(): void {
    const { sessions, contextKeys } = this.#deps;
    const { filter, grouping, tree } = this.provider;
    const counts = this.#session?.store.counts ?? {};
    const hasRows = tree?.isEmpty === false;
    const known = (this.#session?.store.size ?? 0) + (this.#session?.tasks.tasks.size ?? 0);
    contextKeys.set('descPanda.jobsView', jobsViewState(sessions.state, { jobs: known, hasRows }));
    contextKeys.set('descPanda.grouping', grouping);
    contextKeys.set('descPanda.filtered', filter !== '');
    this.#view.description = filter === '' ? '' : `filter: ${filter}`;
    const moving = inMotion(counts);
    this.#view.badge = moving === 0 ? undefined : { value: moving, tooltip: describeMotion(counts) };
    this.#drawMessage(hasRows);
  }

  /** The message counts down to the next try, so it is drawn again each second while it says that. */
  #drawMessage(hasRows: boolean): void {
    this.#ticking?.dispose();
    this.#ticking = undefined;
    const { state } = this.#deps.sessions;
    const message = hasRows ? (jobsViewMessage(state, systemClock.now(), timeOfDay) ?? '') : '';
    if (this.#view.message !== message) this.#view.message = message;
    const failing = state.kind === 'open' && state.session.poller.status.kind === 'failing';
    if (failing && hasRows && this.#view.visible)
      this.#ticking = systemClock.after(1000, () => this.#drawMessage(hasRows));
  }
}

function rememberedGrouping(memory: vscode.Memento): Grouping {
  const kept = memory.get<unknown>(GROUPING_KEY);
  return groupings.find((grouping) => grouping === kept) ?? 'submission';
}
