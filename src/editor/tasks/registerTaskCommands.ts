import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import type { Parts } from '../parts.ts';

const IDS = [
  commands.killTask,
  commands.finishTask,
  commands.retryTask,
  commands.retryTaskWith,
  commands.reloadTaskInput,
  commands.killUnfinishedJobs,
  commands.increaseAttempts,
  commands.pauseTask,
  commands.resumeTask,
  commands.showTaskParameters,
  commands.openTaskInMonitor,
  commands.copyTaskId,
  commands.copyTaskLink,
] as const;

/** Everything that is done with a task. */
export function registerTaskCommands(parts: Parts, documents: TextDocuments): Disposable {
  const owned = createDisposables();
  for (const id of IDS) {
    owned.add(
      parts.register(id, async (...args) => {
        const { runTaskCommand } = await import('./taskCommands.ts');
        await runTaskCommand(id, args, parts, documents);
      }),
    );
  }
  return owned;
}
