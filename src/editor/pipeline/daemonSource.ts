import type {
  DaemonCallError,
  DaemonClient,
  HeldCancel,
  HeldChoice,
  HeldMail,
} from '../../pipeline/index.ts';
import { createEmitter } from '../../watch/index.ts';
import type { RowLook } from '../rowLook.ts';
import { cancellableIn, daemonLook } from './daemonLook.ts';
import { DaemonTree, isDaemonNode } from './daemonTree.ts';
import type { HeldJobNode, HeldStreamNode, HeldTaskNode, MoreHeldNode } from './daemonTree.ts';
import type { PipelineSource, ViewNode } from './pipelineSource.ts';

/** Rows in one question. */
const MOST_ROWS = 1000;

/** A daemon that runs, or is to run, on this machine: what it holds, as it was when it was last asked. */
export class DaemonSource implements PipelineSource {
  readonly tree: DaemonTree;
  readonly #client: DaemonClient;
  readonly #isCallError: (error: unknown) => error is DaemonCallError;
  readonly #changes = createEmitter<undefined>();
  readonly onDidChange = this.#changes.event;
  readonly #closing = new AbortController();
  /** Rows with others below them that somebody sees. */
  readonly #open = new Map<string, HeldTaskNode | HeldStreamNode>();
  #trouble: DaemonCallError | undefined;
  #round: Promise<void> | undefined;

  constructor(client: DaemonClient, isCallError: (error: unknown) => error is DaemonCallError) {
    this.tree = new DaemonTree(`daemon:${client.file}`);
    this.#client = client;
    this.#isCallError = isCallError;
  }

  get file(): string {
    return this.#client.file;
  }

  get root(): ViewNode {
    return this.tree.root;
  }

  /** Asks anew for all that is seen; joins a round under way. Never rejects. */
  refresh(): Promise<void> {
    this.#round ??= this.#tried(() => this.#readAll()).finally(() => (this.#round = undefined));
    return this.#round;
  }

  async load(node: ViewNode): Promise<void> {
    if (node.kind === 'daemon' && this.tree.tasks === undefined) await this.refresh();
    if (node.kind !== 'heldTask' && node.kind !== 'heldStream') return;
    this.#open.set(node.id, node);
    if (!this.tree.isRead(node)) await this.#tried(() => this.#readBelow(node));
  }

  close(node: ViewNode): void {
    for (const [id, open] of this.#open) {
      if (open === node || open.parent === node) this.#open.delete(id);
    }
  }

  children(node: ViewNode): readonly ViewNode[] {
    return isDaemonNode(node) ? this.tree.children(node) : [];
  }

  look(node: ViewNode, now: number): RowLook | undefined {
    if (!isDaemonNode(node)) return undefined;
    return daemonLook(node, this.tree, { file: this.file, trouble: this.#trouble }, now);
  }

  showMore(node: MoreHeldNode): void {
    this.tree.showMore(node);
    void this.#tried(() => this.#readBelow(node.parent)).then(() => this.#changes.fire(undefined));
  }

  /** How many jobs a cancel of a row is for. */
  cancellable(node: HeldTaskNode | HeldStreamNode | HeldJobNode): number {
    if (node.kind === 'heldJob') return this.tree.job(node) === undefined ? 0 : 1;
    const found = node.kind === 'heldTask' ? this.tree.task(node) : this.tree.stream(node);
    return cancellableIn(found?.counts ?? {});
  }

  /** Rejects with a DaemonCallError. */
  async cancel(node: HeldTaskNode | HeldStreamNode | HeldJobNode): Promise<HeldCancel> {
    const done = await this.#client.cancel(choiceOf(node), this.#closing.signal);
    await this.refresh();
    return done;
  }

  /** Rejects with a DaemonCallError. */
  mails({ number }: HeldJobNode): Promise<readonly HeldMail[]> {
    return this.#client.mails(number, this.#closing.signal);
  }

  dispose(): void {
    this.#closing.abort();
    this.#changes.dispose();
  }

  async #readAll(): Promise<void> {
    const tasks = await this.#client.tasks(this.#closing.signal);
    this.#trouble = undefined;
    this.tree.tasks = tasks;
    this.tree.notes =
      tasks.status === 'OK' ? [] : [tasks.status.replace(/^Bad /u, 'PanDA cannot be asked: ')];
    for (const node of this.#open.values()) await this.#readBelow(node);
  }

  async #readBelow(node: HeldTaskNode | HeldStreamNode): Promise<void> {
    const wanted = this.tree.wanted(node);
    if (node.kind === 'heldTask') {
      const { user, task } = node;
      const pages = await this.#pages(wanted, (page) =>
        this.#client.streams({ user, task }, page, this.#closing.signal),
      );
      this.tree.setStreams(node, { total: totalOf(pages), streams: pages.flatMap(({ streams }) => streams) });
    } else {
      const { user, task } = node.parent;
      const pages = await this.#pages(wanted, (page) =>
        this.#client.jobs({ user, task, stream: node.stream }, page, this.#closing.signal),
      );
      this.tree.setJobs(node, { total: totalOf(pages), jobs: pages.flatMap(({ jobs }) => jobs) });
    }
  }

  async #pages<T>(
    wanted: number,
    read: (page: { offset: number; limit: number }) => Promise<T>,
  ): Promise<readonly T[]> {
    const pages: T[] = [];
    for (let offset = 0; offset < wanted; offset += MOST_ROWS) {
      pages.push(await read({ offset, limit: Math.min(wanted - offset, MOST_ROWS) }));
    }
    return pages;
  }

  /** What was read before stays to be seen. */
  async #tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (!this.#isCallError(error)) throw error;
      this.#trouble = error;
      this.tree.notes = [`${error.message}. ${error.advice}.`];
    }
    this.#changes.fire(undefined);
  }
}

function totalOf(pages: readonly { readonly total: number }[]): number {
  return pages.at(-1)?.total ?? 0;
}

function choiceOf(node: HeldTaskNode | HeldStreamNode | HeldJobNode): HeldChoice {
  if (node.kind === 'heldTask') return { user: node.user, task: node.task };
  if (node.kind === 'heldStream') return { ...choiceOf(node.parent), stream: node.stream };
  return { user: node.parent.parent.user, number: node.number };
}
