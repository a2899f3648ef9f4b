import type {
  HeldJob,
  HeldJobs,
  HeldStream,
  HeldStreams,
  HeldTask,
  HeldTasks,
} from '../../pipeline/index.ts';

/** Rows shown at first and added by each "Load more". */
const PAGE = 200;

/** A row of what a daemon holds: an identity, kept while it is shown. */
export type DaemonNode =
  DaemonRootNode | HeldTaskNode | HeldStreamNode | HeldJobNode | NoteNode | MoreHeldNode;

export interface DaemonRootNode {
  readonly kind: 'daemon';
  readonly id: string;
  readonly parent: undefined;
}

/** A task of one of the pipeline's users. */
export interface HeldTaskNode {
  readonly kind: 'heldTask';
  readonly id: string;
  readonly parent: DaemonRootNode;
  readonly user: string;
  readonly task: string;
}

/** A stream with its substreams. */
export interface HeldStreamNode {
  readonly kind: 'heldStream';
  readonly id: string;
  readonly parent: HeldTaskNode;
  readonly stream: number;
}

/** An execution of a process instance. */
export interface HeldJobNode {
  readonly kind: 'heldJob';
  readonly id: string;
  readonly parent: HeldStreamNode;
  /** In the daemon's journal. */
  readonly number: number;
}

/** A word on what is not to be seen. */
export interface NoteNode {
  readonly kind: 'note';
  readonly id: string;
  readonly parent: DaemonRootNode;
  readonly text: string;
}

/** Stands for the rows that are not shown yet. */
export interface MoreHeldNode {
  readonly kind: 'moreHeld';
  readonly id: string;
  readonly parent: HeldTaskNode | HeldStreamNode;
}

/** What was read of a daemon, as rows. */
export class DaemonTree {
  readonly root: DaemonRootNode;
  tasks: HeldTasks | undefined;
  /** Rows to say above the tasks, as why nothing newer is known. */
  notes: readonly string[] = [];
  readonly #streams = new Map<string, HeldStreams>();
  readonly #jobs = new Map<string, HeldJobs>();
  readonly #nodes = new Map<string, DaemonNode>();
  readonly #shown = new Map<string, number>();

  constructor(id: string) {
    this.root = { kind: 'daemon', id, parent: undefined };
  }

  task({ user, task }: HeldTaskNode): HeldTask | undefined {
    return this.tasks?.tasks.find((one) => one.user === user && one.task === task);
  }

  stream({ parent, stream }: HeldStreamNode): HeldStream | undefined {
    return this.#streams.get(parent.id)?.streams.find((one) => one.stream === stream);
  }

  job({ parent, number }: HeldJobNode): HeldJob | undefined {
    return this.#jobs.get(parent.id)?.jobs.find((one) => one.number === number);
  }

  /** Whether what is below a row was read. */
  isRead(node: HeldTaskNode | HeldStreamNode): boolean {
    return this.#streams.has(node.id) || this.#jobs.has(node.id);
  }

  setStreams(node: HeldTaskNode, streams: HeldStreams): void {
    this.#streams.set(node.id, streams);
  }

  setJobs(node: HeldStreamNode, jobs: HeldJobs): void {
    this.#jobs.set(node.id, jobs);
  }

  /** How many rows are wanted below a row. */
  wanted(node: HeldTaskNode | HeldStreamNode): number {
    return this.#shown.get(node.id) ?? PAGE;
  }

  page(node: HeldTaskNode | HeldStreamNode): { readonly shown: number; readonly total: number } {
    const streams = this.#streams.get(node.id);
    const jobs = this.#jobs.get(node.id);
    return {
      shown: streams?.streams.length ?? jobs?.jobs.length ?? 0,
      total: streams?.total ?? jobs?.total ?? 0,
    };
  }

  showMore({ parent }: MoreHeldNode): void {
    this.#shown.set(parent.id, this.wanted(parent) + PAGE);
  }

  children(node: DaemonNode): readonly DaemonNode[] {
    switch (node.kind) {
      case 'daemon':
        return this.#top(node);
      case 'heldTask': {
        const streams = this.#streams.get(node.id)?.streams ?? [];
        const rows = streams.map(({ stream }) =>
          this.#kept<HeldStreamNode>({
            kind: 'heldStream',
            id: `${node.id}/${stream}`,
            parent: node,
            stream,
          }),
        );
        return [...rows, ...this.#more(node)];
      }
      case 'heldStream': {
        const jobs = this.#jobs.get(node.id)?.jobs ?? [];
        const rows = jobs.map(({ number }) =>
          this.#kept<HeldJobNode>({ kind: 'heldJob', id: `${node.id}:${number}`, parent: node, number }),
        );
        return [...rows, ...this.#more(node)];
      }
      default:
        return [];
    }
  }

  #top(root: DaemonRootNode): readonly DaemonNode[] {
    const notes = this.tasks?.tasks.length === 0 ? [...this.notes, 'No jobs yet'] : this.notes;
    return [
      ...notes.map((text) =>
        this.#kept<NoteNode>({ kind: 'note', id: `${root.id}/note ${text}`, parent: root, text }),
      ),
      ...(this.tasks?.tasks ?? []).map(({ user, task }) =>
        this.#kept<HeldTaskNode>({
          kind: 'heldTask',
          id: `${root.id}/${user}/${task}`,
          parent: root,
          user,
          task,
        }),
      ),
    ];
  }

  #more(node: HeldTaskNode | HeldStreamNode): readonly MoreHeldNode[] {
    const { shown, total } = this.page(node);
    if (shown >= total) return [];
    return [this.#kept<MoreHeldNode>({ kind: 'moreHeld', id: `${node.id}/more`, parent: node })];
  }

  /** The editor compares nodes as objects. */
  #kept<T extends DaemonNode>(node: T): T {
    const kept = this.#nodes.get(node.id);
    if (kept?.kind === node.kind) return kept as T;
    this.#nodes.set(node.id, node);
    return node;
  }
}

const KINDS: ReadonlySet<string> = new Set<DaemonNode['kind']>([
  'daemon',
  'heldTask',
  'heldStream',
  'heldJob',
  'note',
  'moreHeld',
]);

export function isDaemonNode(node: { readonly kind: string }): node is DaemonNode {
  return KINDS.has(node.kind);
}
