import * as vscode from 'vscode';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands, SUMMARY_PANEL } from '../contributions.ts';
import { NothingToDo } from '../errorText.ts';
import type { Languages } from '../language/registerLanguages.ts';
import type { Parts } from '../parts.ts';
import { createPanelHoldings } from '../pages/panelHoldings.ts';
import { activeFileUri } from '../vscode/activeFile.ts';
import { keptPath } from './pageMessage.ts';

/** Summaries of catalogs, one panel a catalog, and their coming back after the window was reloaded. */
export function registerSummary(
  parts: Pick<Parts, 'extension' | 'errors' | 'register'>,
  languages: Languages,
): Disposable {
  const owned = createDisposables();
  const holdings = owned.add(createPanelHoldings());
  const open = new Map<string, vscode.WebviewPanel>();
  const adopt = async (view: vscode.WebviewPanel, path: string): Promise<void> => {
    const resources = holdings.add(view, createDisposables());
    open.set(path, view);
    view.onDidDispose(() => open.delete(path));
    const [{ fillSummary }, features] = await Promise.all([import('./fillSummary.ts'), languages.features()]);
    resources.add(fillSummary(view, path, parts, features));
  };
  owned.add(
    parts.register(commands.showSummary, async (resource) => {
      const uri = resource instanceof vscode.Uri ? resource : activeCatalog();
      const known = open.get(uri.fsPath);
      if (known !== undefined) {
        known.reveal();
        return;
      }
      const view = vscode.window.createWebviewPanel(SUMMARY_PANEL, 'Summary', vscode.ViewColumn.Beside);
      await adopt(view, uri.fsPath);
    }),
  );
  owned.add(
    vscode.window.registerWebviewPanelSerializer(SUMMARY_PANEL, {
      async deserializeWebviewPanel(view, state: unknown) {
        const path = keptPath(state);
        if (path === undefined || open.has(path)) view.dispose();
        else await adopt(view, path);
      },
    }),
  );
  return owned;
}

function activeCatalog(): vscode.Uri {
  const uri = activeFileUri();
  if (uri?.scheme === 'file') return uri;
  throw new NothingToDo('No catalog is open. Open the instance catalog, then show its summary.');
}
