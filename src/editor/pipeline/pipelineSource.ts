import type { Disposable, Event } from '../../watch/index.ts';
import type { RowLook } from '../rowLook.ts';
import type { DaemonNode, MoreHeldNode } from './daemonTree.ts';
import type { MoreNode, PipelineNode } from './pipelineTree.ts';

/** A row of the Pipeline view, of an emulated run or of a daemon. */
export type ViewNode = PipelineNode | DaemonNode;

/** What the Pipeline view shows below one of its first rows. */
export interface PipelineSource extends Disposable {
  readonly root: ViewNode;
  /** After each change of what is shown. */
  readonly onDidChange: Event<undefined>;
  /** Reads what is below a row, where that is not known yet. Never rejects. */
  load(node: ViewNode): Promise<void>;
  /** As far as they are known. */
  children(node: ViewNode): readonly ViewNode[];
  /** `now`: epoch milliseconds. Undefined for a row that went since it was drawn. */
  look(node: ViewNode, now: number): RowLook | undefined;
  showMore(node: MoreNode | MoreHeldNode): void;
  /** Nobody sees what is below a row any more. */
  close(node: ViewNode): void;
}
