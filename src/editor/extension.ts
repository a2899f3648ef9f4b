import * as vscode from 'vscode';
import { commands } from './contributions.ts';

/**
 * Called by the editor, which waits for it: makes the commands known, and leaves everything else to `window.ts`, which is
 * loaded meanwhile.
 */
export function activate(context: vscode.ExtensionContext): void {
  const window = import('./window.ts').then(({ openWindow }) => openWindow(context));
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
