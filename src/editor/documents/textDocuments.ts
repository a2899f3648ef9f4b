import * as vscode from 'vscode';
import { schemes } from '../contributions.ts';

/** Read-only documents whose text this window made: previews and reports. */
export interface TextDocuments extends vscode.Disposable {
  /** Shows a text under a name; its ending chooses the language. The same name shows the new text. */
  show(name: string, text: string): Promise<void>;
  /** Gives a document that is shown another text. */
  update(name: string, text: string): void;
  /** Shows two texts side by side, with what differs marked. */
  compare(comparison: Comparison): Promise<void>;
}

export interface Comparison {
  readonly title: string;
  readonly left: NamedText;
  readonly right: NamedText;
}

interface NamedText {
  readonly name: string;
  readonly text: string;
}

export function createTextDocuments(): TextDocuments {
  const texts = new Map<string, string>();
  const changes = new vscode.EventEmitter<vscode.Uri>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(schemes.text, {
    onDidChange: changes.event,
    provideTextDocumentContent: (uri) => texts.get(uri.path) ?? 'This text was not kept. Make it again.',
  });
  const closed = vscode.workspace.onDidCloseTextDocument(({ uri }) => {
    if (uri.scheme === schemes.text) texts.delete(uri.path);
  });
  const keep = ({ name, text }: NamedText): vscode.Uri => {
    const uri = vscode.Uri.from({ scheme: schemes.text, path: `/${name}` });
    texts.set(uri.path, text);
    changes.fire(uri);
    return uri;
  };
  return {
    async show(name, text) {
      const uri = keep({ name, text });
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    },
    update(name, text) {
      keep({ name, text });
    },
    async compare({ title, left, right }) {
      await vscode.commands.executeCommand('vscode.diff', keep(left), keep(right), title, { preview: true });
    },
    dispose() {
      provider.dispose();
      closed.dispose();
      changes.dispose();
    },
  };
}
