import type { Disposable, Event } from '../../watch/index.ts';
import type { RunFacts } from './pipelineLook.ts';
import type { PipelineTree } from './pipelineTree.ts';

/** Streams of a task that the view shows. */
export interface PipelineRun extends Disposable {
  readonly tree: PipelineTree;
  readonly facts: RunFacts;
  /** After each change of the tree or the facts. */
  readonly onDidChange: Event<undefined>;
  /** This and the next: keys of process instances. */
  cancel(keys: readonly number[]): void;
  rollBack(keys: readonly number[]): void;
  /** Goes on where it was stopped. */
  start(): void;
  /** Its jobs in PanDA go on. */
  stop(): void;
}
