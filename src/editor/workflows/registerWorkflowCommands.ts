import type { Disposable } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import type { Parts } from '../parts.ts';

/** What is done with the workflows that BPS submits. */
export function registerWorkflowCommands(parts: Parts): Disposable {
  return parts.register(commands.showWorkflows, async () => {
    const { showWorkflows } = await import('./showWorkflows.ts');
    await showWorkflows(parts);
  });
}
