import type { InstanceSnapshot, PipelineSnapshot, StreamSnapshot } from '../../pipeline/index.ts';

/** Rows shown at first and added by each "Load more". */
const PAGE = 200;

/** A row of the Pipeline view: an identity, kept while it is shown. What it says is read when it is drawn. */
export type PipelineNode = RunNode | StreamNode | InstanceNode | MoreNode;

/** A run of a task file. */
export interface RunNode {
  readonly kind: 'run';
  readonly id: string;
  readonly parent: undefined;
}

/** A stream or substream. */
export interface StreamNode {
  readonly kind: 'stream';
  readonly id: string;
  readonly parent: RunNode | StreamNode;
  readonly key: number;
}

/** The latest execution of a process in a stream. */
export interface InstanceNode {
  readonly kind: 'instance';
  readonly id: string;
  readonly parent: StreamNode;
  /** Its place among the processes of the stream: another execution has another key, and is the same row. */
  readonly process: string;
}

/** Stands for the rows that are not shown yet. */
export interface MoreNode {
  readonly kind: 'more';
  readonly id: string;
  readonly parent: RunNode | StreamNode;
}

/** The rows of one run: what is below what. */
export class PipelineTree {
  readonly root: RunNode;
  readonly #nodes = new Map<string, PipelineNode>();
  readonly #shown = new Map<string, number>();
  #streams = new Map<number, StreamSnapshot>();
  #snapshot: PipelineSnapshot | undefined;

  constructor(id: string) {
    this.root = { kind: 'run', id, parent: undefined };
  }

  /** As the run is now; undefined before it is known. */
  get snapshot(): PipelineSnapshot | undefined {
    return this.#snapshot;
  }

  update(snapshot: PipelineSnapshot): void {
    this.#snapshot = snapshot;
    this.#streams = new Map();
    const add = (stream: StreamSnapshot): void => {
      this.#streams.set(stream.key, stream);
      stream.substreams.forEach(add);
    };
    snapshot.streams.forEach(add);
  }

  stream({ key }: StreamNode): StreamSnapshot | undefined {
    return this.#streams.get(key);
  }

  instance({ parent, process }: InstanceNode): InstanceSnapshot | undefined {
    return this.stream(parent)?.instances.find((instance) => instance.process === process);
  }

  children(node: PipelineNode): readonly PipelineNode[] {
    if (node.kind === 'instance' || node.kind === 'more') return [];
    const instances = node.kind === 'stream' ? this.#instances(node) : [];
    const { shown, total } = this.page(node);
    const streams = this.#streamsBelow(node).slice(0, shown - instances.length);
    const rows = [
      ...instances,
      ...streams.map(({ key }) =>
        this.#kept<StreamNode>({ kind: 'stream', id: `${this.root.id}/${key}`, parent: node, key }),
      ),
    ];
    if (shown === total) return rows;
    return [...rows, this.#kept<MoreNode>({ kind: 'more', id: `${node.id}/more`, parent: node })];
  }

  /** How many rows below a node are shown; processes are all. */
  page(node: RunNode | StreamNode): { readonly shown: number; readonly total: number } {
    const processes = node.kind === 'stream' ? (this.stream(node)?.instances.length ?? 0) : 0;
    const total = processes + this.#streamsBelow(node).length;
    const wanted = Math.max(this.#shown.get(node.id) ?? PAGE, processes);
    return { shown: Math.min(wanted, total), total };
  }

  showMore({ parent }: MoreNode): void {
    this.#shown.set(parent.id, this.page(parent).shown + PAGE);
  }

  /** Keys of the latest executions at and below a node. */
  keys(node: PipelineNode): readonly number[] {
    if (node.kind === 'more') return [];
    if (node.kind === 'instance') return [this.instance(node)?.key].filter((key) => key !== undefined);
    const below = (stream: StreamSnapshot): readonly number[] => [
      ...stream.instances.map(({ key }) => key),
      ...stream.substreams.flatMap(below),
    ];
    if (node.kind === 'run') return (this.#snapshot?.streams ?? []).flatMap(below);
    const stream = this.stream(node);
    return stream === undefined ? [] : below(stream);
  }

  #instances(stream: StreamNode): readonly InstanceNode[] {
    const instances = this.stream(stream)?.instances ?? [];
    return instances.map(({ process }) =>
      this.#kept({ kind: 'instance', id: `${stream.id}:${process}`, parent: stream, process }),
    );
  }

  #streamsBelow(node: RunNode | StreamNode): readonly StreamSnapshot[] {
    return (node.kind === 'run' ? this.#snapshot?.streams : this.stream(node)?.substreams) ?? [];
  }

  /** The editor compares nodes as objects. */
  #kept<T extends PipelineNode>(node: T): T {
    const kept = this.#nodes.get(node.id);
    if (kept?.kind === node.kind) return kept as T;
    this.#nodes.set(node.id, node);
    return node;
  }
}
