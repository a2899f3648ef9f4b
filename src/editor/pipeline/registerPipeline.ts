import { registerPipelineCommands } from '../commands/pipelineCommands.ts';
import { createDisposables, systemClock, type Disposable } from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import { PipelineRuns } from './pipelineRuns.ts';
import { PipelineView } from './pipelineView.ts';

/** The Pipeline view with the runs of this workspace, which go on when somebody looks at it first. */
export function registerPipeline(
  parts: Pick<Parts, 'extension' | 'log' | 'register' | 'settings' | 'sandbox'>,
): Disposable {
  const owned = createDisposables();
  const runs = owned.add(
    new PipelineRuns({
      extension: parts.extension,
      settings: parts.settings,
      log: (line) => parts.log.info(line),
      now: () => systemClock.now(),
    }),
  );
  const view = owned.add(new PipelineView(runs));
  owned.add(registerPipelineCommands(parts, runs, view));
  return owned;
}
