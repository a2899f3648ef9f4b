import { isFinal, type JobState } from '../../panda/index.ts';
import {
  earlierKey,
  isEarlierKey,
  taskOfKey,
  type Grouping,
  type Job,
  type JobGroup,
  type JobStore,
  type StoreChange,
  type Task,
  type TaskWatch,
} from '../../watch/index.ts';
import { displayOrder } from './displayOrder.ts';
import { bareTasks, rootsWith } from './taskRoots.ts';

/**
 * A row of the Jobs view. Nodes are identities only, made once for an id and kept while they are shown: the editor
 * compares them as objects. What a row says is read from the store when it is drawn.
 */
export type JobNode = GroupNode | StateNode | RowNode | MoreNode;

export interface GroupNode {
  readonly kind: 'group';
  /** The id of the store's group. */
  readonly id: string;
  /** The task whose earlier attempts these are. */
  readonly parent: GroupNode | undefined;
}

/** The jobs of a large group that are in one state. */
export interface StateNode {
  readonly kind: 'state';
  readonly id: string;
  readonly parent: GroupNode;
  readonly state: JobState;
}

export interface RowNode {
  readonly kind: 'job';
  /** Made of the parent's id and the PandaID, so that a job that moves is never in two places under one id. */
  readonly id: string;
  readonly parent: GroupNode | StateNode | undefined;
  readonly pandaId: number;
}

/** Stands for the rows that are not shown yet. */
export interface MoreNode {
  readonly kind: 'more';
  readonly id: string;
  readonly parent: GroupNode | StateNode | undefined;
}

export interface JobTreeOptions {
  readonly grouping: Grouping;
  readonly filter: string;
  /** Rows shown at first and added by each "Load more". */
  readonly pageSize: number;
  /** A group of more jobs than this has a level for the states. */
  readonly flatUpTo: number;
}

export const TREE_DEFAULTS = { grouping: 'submission', filter: '', pageSize: 200, flatUpTo: 12 } as const;

const NO_TASKS = { tasks: new Map<number, Task>() };

type Parent = GroupNode | StateNode | undefined;

/** `shown` of `total` rows of a page, for the text of "Load more". */
export interface Page {
  readonly shown: number;
  readonly total: number;
}

/** The rows of the Jobs view over a store: what is below what, and which rows a change of the store touches. */
export class JobTree {
  readonly store: JobStore;
  readonly #tasks: Pick<TaskWatch, 'tasks'>;
  #options: JobTreeOptions;
  #groups = new Map<string, JobGroup>();
  #roots: readonly JobGroup[] = [];
  /** Nodes that the editor may hold, by id. */
  readonly #nodes = new Map<string, JobNode>();
  readonly #rows = new Map<number, RowNode>();
  /** Ids of the children last handed out, by the parent's id; `''` for the roots. */
  readonly #children = new Map<string, readonly string[]>();
  /** How many rows of a parent may be shown, where that is not one page. */
  readonly #limits = new Map<string, number>();

  constructor(store: JobStore, options: JobTreeOptions, tasks: Pick<TaskWatch, 'tasks'> = NO_TASKS) {
    this.store = store;
    this.#tasks = tasks;
    this.#options = options;
    this.#readGroups();
  }

  get options(): JobTreeOptions {
    return this.#options;
  }

  /** Changes what is shown; everything has to be fetched again. */
  configure(options: Partial<JobTreeOptions>): void {
    this.#options = { ...this.#options, ...options };
    this.#nodes.clear();
    this.#rows.clear();
    this.#children.clear();
    this.#limits.clear();
    this.#readGroups();
  }

  /** True where the filter hides everything there is. */
  get isEmpty(): boolean {
    return this.#roots.length === 0;
  }

  children(parent?: JobNode): readonly JobNode[] {
    if (parent?.kind === 'job' || parent?.kind === 'more') return [];
    const children = this.#list(parent);
    const ids = children.map((child) => child.id);
    this.#forget(parent, new Set(ids));
    for (const child of children) {
      this.#nodes.set(child.id, child);
      if (child.kind === 'job') this.#rows.set(child.pandaId, child);
    }
    this.#children.set(parent?.id ?? '', ids);
    return children;
  }

  group(node: GroupNode): JobGroup | undefined {
    return this.#groups.get(node.id);
  }

  /** The task that a row stands for. */
  task(node: GroupNode): Task | undefined {
    const key = this.group(node)?.key ?? '';
    return isEarlierKey(key) ? undefined : this.#tasks.tasks.get(taskOfKey(key) ?? 0);
  }

  /** The row of a task, if it is on a page that is shown. */
  findTask(taskId: number): GroupNode | undefined {
    const at = this.#roots.findIndex(({ key }) => taskOfKey(key) === taskId);
    const group = this.#roots[at];
    if (group === undefined || at >= this.#limit(undefined)) return undefined;
    const node = this.#root(group);
    this.#nodes.set(node.id, node);
    return node.kind === 'group' ? node : undefined;
  }

  /** How many earlier attempts a task has. */
  earlierAttempts(node: GroupNode): number {
    return this.#earlier(node)?.size ?? 0;
  }

  job(node: RowNode): Job | undefined {
    return this.store.get(node.pandaId);
  }

  /** How many jobs are below a node. */
  size(node: GroupNode | StateNode): number {
    if (node.kind === 'group') return this.group(node)?.size ?? 0;
    return this.group(node.parent)?.states[node.state] ?? 0;
  }

  page(node: MoreNode): Page {
    const total = node.parent === undefined ? this.#roots.length : this.size(node.parent);
    return { shown: Math.min(this.#limit(node.parent), total), total };
  }

  /** PandaIDs below a node, newest first, at most `limit`. */
  jobsBelow(node: JobNode, limit: number): readonly number[] {
    switch (node.kind) {
      case 'job':
        return [node.pandaId];
      case 'more':
        return [];
      case 'group':
      case 'state':
        return this.#members(node, limit);
    }
  }

  /** Shows one page more; returns the node whose children are to be fetched again (undefined: the roots). */
  loadMore(node: MoreNode): GroupNode | StateNode | undefined {
    this.#limits.set(node.parent?.id ?? '', this.#limit(node.parent) + this.#options.pageSize);
    return node.parent;
  }

  /** The node that shows a job, if it is on a page that was fetched. */
  find(pandaId: number): RowNode | undefined {
    return this.#rows.get(pandaId);
  }

  /** Rows whose text tells of time that passes: how long a job runs, or when its pilot was last heard. */
  rowsInMotion(): readonly RowNode[] {
    return [...this.#rows.values()].filter((row) => {
      const job = this.job(row);
      return job !== undefined && !isFinal(job.state) && (job.startTime !== null || job.cancelRequested);
    });
  }

  /**
   * Takes in a change of the store. Returns the nodes to be drawn again, with their children: none when nothing shown
   * is touched, `'all'` when the list of roots is another one.
   */
  update(change: StoreChange): 'all' | readonly JobNode[] {
    const before = this.#groups;
    this.#readGroups();
    const roots = this.#children.get('');
    if (roots === undefined) return 'all';
    if (!sameIds(roots, this.#list(undefined))) return 'all';
    const touched = new Set<JobNode>();
    for (const id of roots) {
      const node = this.#nodes.get(id);
      if (node?.kind === 'group' && this.#differs(node, before)) touched.add(node);
    }
    for (const pandaId of change.changed) {
      const row = this.#rows.get(pandaId);
      if (row !== undefined) touched.add(this.#carrier(row));
    }
    return [...touched].filter((node) => !hasAncestorIn(node, touched));
  }

  /** The same for tasks that came or changed. */
  updateTasks(taskIds: readonly number[]): 'all' | readonly JobNode[] {
    this.#readGroups();
    const roots = this.#children.get('');
    if (roots === undefined || !sameIds(roots, this.#list(undefined))) return 'all';
    return taskIds.flatMap((taskId) => this.findTask(taskId) ?? []);
  }

  /** The row, or the node above it whose description sums up the errors below. */
  #carrier(row: RowNode): JobNode {
    const above = row.parent;
    if (above === undefined) return row;
    const state = above.kind === 'state' ? above.state : this.group(above)?.key;
    return state === 'failed' ? above : row;
  }

  #differs(node: GroupNode, before: ReadonlyMap<string, JobGroup>): boolean {
    const differs = (id: string): boolean => {
      const [one, other] = [before.get(id), this.#groups.get(id)];
      return one === undefined || other === undefined ? one !== other : !sameGroup(one, other);
    };
    return differs(node.id) || differs(earlierKey(node.id)) || this.#listDiffers(node);
  }

  /** Whether the children that were handed out, at any depth, are not the ones there are now. */
  #listDiffers(node: GroupNode | StateNode): boolean {
    const shown = this.#children.get(node.id);
    if (shown === undefined) return false;
    const now = this.#list(node);
    return (
      !sameIds(shown, now) ||
      now.some((child) => (child.kind === 'state' || child.kind === 'group') && this.#listDiffers(child))
    );
  }

  #readGroups(): void {
    const { grouping, filter } = this.#options;
    const groups = this.store.groups(grouping, filter);
    if (grouping !== 'submission') {
      this.#roots = groups;
      this.#groups = new Map(groups.map((group) => [group.id, group]));
      return;
    }
    const bare = bareTasks(this.#tasks.tasks, groups, filter);
    this.#roots = rootsWith(bare, groups);
    this.#groups = new Map([...groups, ...bare].map((group) => [group.id, group]));
  }

  #earlier(node: GroupNode): JobGroup | undefined {
    return this.#groups.get(earlierKey(node.id));
  }

  #list(parent: Parent): readonly JobNode[] {
    if (parent === undefined) return this.#listRoots();
    if (parent.kind === 'group' && this.#isNested(parent)) {
      return [...this.#listStates(parent), ...this.#listEarlier(parent)];
    }
    const rows: JobNode[] = this.#members(parent, this.#limit(parent)).map((id) => this.#row(parent, id));
    const shown = this.#withMore(parent, rows, this.size(parent));
    return parent.kind === 'group' ? [...shown, ...this.#listEarlier(parent)] : shown;
  }

  #listRoots(): readonly JobNode[] {
    const shown = this.#roots.slice(0, this.#limit(undefined)).map((group) => this.#root(group));
    return this.#withMore(undefined, shown, this.#roots.length);
  }

  /** One row for all attempts that others followed. */
  #listEarlier(parent: GroupNode): readonly JobNode[] {
    const earlier = this.#earlier(parent);
    if (earlier === undefined) return [];
    return [this.#nodes.get(earlier.id) ?? { kind: 'group', id: earlier.id, parent }];
  }

  /** A submission of one job is one row, not a group of one. */
  #root(group: JobGroup): JobNode {
    if (group.grouping === 'submission' && group.size === 1 && taskOfKey(group.key) === undefined) {
      const [only] = this.store.members(group, this.#options.filter, 0, 1);
      if (only !== undefined) return this.#row(undefined, only);
    }
    return this.#nodes.get(group.id) ?? { kind: 'group', id: group.id, parent: undefined };
  }

  #isNested(node: GroupNode): boolean {
    return this.#options.grouping !== 'state' && this.size(node) > this.#options.flatUpTo;
  }

  #listStates(parent: GroupNode): readonly JobNode[] {
    const counts = this.group(parent)?.states ?? {};
    const states = Object.keys(counts).filter((state) => (counts[state] ?? 0) > 0);
    return states
      .sort((one, other) => displayOrder(one) - displayOrder(other))
      .map((state) => {
        const id = `${parent.id}/${state}`;
        return this.#nodes.get(id) ?? { kind: 'state', id, parent, state };
      });
  }

  #row(parent: Parent, pandaId: number): RowNode {
    const id = `${parent === undefined ? '' : `${parent.id}/`}job:${pandaId}`;
    const known = this.#nodes.get(id);
    return known?.kind === 'job' ? known : { kind: 'job', id, parent, pandaId };
  }

  #withMore(parent: Parent, rows: readonly JobNode[], total: number): readonly JobNode[] {
    if (total <= this.#limit(parent)) return rows;
    const id = `${parent === undefined ? '' : `${parent.id}/`}more`;
    return [...rows, this.#nodes.get(id) ?? { kind: 'more', id, parent }];
  }

  #members(node: GroupNode | StateNode, count: number): readonly number[] {
    const group = this.group(node.kind === 'group' ? node : node.parent);
    if (group === undefined) return [];
    const state = node.kind === 'state' ? node.state : undefined;
    return this.store.members(group, this.#options.filter, 0, count, state);
  }

  #limit(parent: Parent): number {
    return this.#limits.get(parent?.id ?? '') ?? this.#options.pageSize;
  }

  /** Drops what was below a parent and is not any more. */
  #forget(parent: Parent, kept: ReadonlySet<string>): void {
    for (const id of this.#children.get(parent?.id ?? '') ?? []) {
      const node = this.#nodes.get(id);
      if (kept.has(id) || node === undefined) continue;
      if (node.kind === 'group' || node.kind === 'state') this.#forget(node, new Set());
      if (node.kind === 'job' && this.#rows.get(node.pandaId) === node) this.#rows.delete(node.pandaId);
      this.#children.delete(id);
      this.#nodes.delete(id);
    }
  }
}

function sameIds(ids: readonly string[], nodes: readonly JobNode[]): boolean {
  return ids.length === nodes.length && nodes.every((node, index) => node.id === ids[index]);
}

function sameGroup(one: JobGroup, other: JobGroup): boolean {
  const states = new Set([...Object.keys(one.states), ...Object.keys(other.states)]);
  return (
    one.label === other.label &&
    one.size === other.size &&
    one.cancelRequested === other.cancelRequested &&
    [...states].every((state) => (one.states[state] ?? 0) === (other.states[state] ?? 0))
  );
}

function hasAncestorIn(node: JobNode, nodes: ReadonlySet<JobNode>): boolean {
  for (let above = node.parent; above !== undefined; above = above.parent) {
    if (nodes.has(above)) return true;
  }
  return false;
}
