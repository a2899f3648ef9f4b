import * as vscode from 'vscode';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { siteName } from './siteCommands.ts';

/** Submitting: the script in the editor, and HelloPanda. What does it is loaded when it is first asked for. */
export function registerSubmitCommands(parts: Parts, documents: TextDocuments): Disposable {
  const owned = createDisposables();
  owned.add(
    parts.register(commands.submit, async (resource) => {
      const uri = resource instanceof vscode.Uri ? resource : activeScript();
      const { submitScript } = await import('../submitting/submitScript.ts');
      await submitScript(uri, undefined, parts, documents);
    }),
  );
  owned.add(
    parts.register(commands.submitHere, async (node) => {
      const { submitScript } = await import('../submitting/submitScript.ts');
      await submitScript(activeScript(), siteName(node), parts, documents);
    }),
  );
  owned.add(
    parts.register(commands.hello, async () => {
      const { submitHello } = await import('../submitting/submitHello.ts');
      await submitHello(parts);
    }),
  );
  return owned;
}

function activeScript(): vscode.Uri {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri === undefined)
    throw new NothingToDo('No file is open. Open the script that is to run, then submit it.');
  return uri;
}
