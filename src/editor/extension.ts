import { setImmediate as nextTurn } from 'node:timers/promises';
import * as vscode from 'vscode';
import { commands } from './contributions.ts';
import type { RunCommand } from './window.ts';

/**
 * Called by the editor, which waits for it: makes the commands known, and leaves everything else to `window.ts`, which is
 * loaded in the next turn.
 */
export function activate(context: vscode.ExtensionContext): void {
  const window = open(context);
  window.catch((error: unknown) => {
    void vscode.window.showErrorMessage(
      `PanDA could not start: ${String(error)}. Install the extension again.`,
    );
  });
  for (const id of Object.values(commands)) {
    const run = async (...args: readonly unknown[]): Promise<void> => (await window)(id, args);
    context.subscriptions.push(vscode.commands.registerCommand(id, run));
  }
}

async function open(context: vscode.ExtensionContext): Promise<RunCommand> {
  await nextTurn();
  const { openWindow } = await import('./window.ts');
  return openWindow(context);
}
