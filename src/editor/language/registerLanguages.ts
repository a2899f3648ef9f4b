import { basename } from 'node:path';
import * as vscode from 'vscode';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import { isCatalogName, likelyKind } from './documentKind.ts';
import type { LanguageFeatures } from './features.ts';

/** Our languages in this window; what serves them is loaded with the first file that may be one of ours. */
export interface Languages extends Disposable {
  features(): Promise<LanguageFeatures>;
}

export function registerLanguages(parts: Parts): Languages {
  const owned = createDisposables();
  const waiting = owned.add(createDisposables());
  let loading: Promise<LanguageFeatures> | undefined;
  const load = async (): Promise<LanguageFeatures> => {
    const { createLanguageFeatures } = await import('./features.ts');
    return owned.add(createLanguageFeatures(parts));
  };
  const features = (): Promise<LanguageFeatures> => {
    waiting.dispose();
    return (loading ??= load());
  };
  const loadFor = (ofInterest: boolean): void => {
    if (ofInterest && loading === undefined) void features().catch(parts.errors.show);
  };
  waiting.add(
    vscode.workspace.onDidOpenTextDocument(({ languageId, fileName }) =>
      loadFor(likelyKind(languageId, fileName) !== undefined),
    ),
  );
  waiting.add(vscode.window.tabGroups.onDidChangeTabs(({ opened }) => loadFor(opened.some(holdsCatalog))));
  const documents = vscode.workspace.textDocuments;
  loadFor(documents.some(({ languageId, fileName }) => likelyKind(languageId, fileName) !== undefined));
  loadFor(vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(holdsCatalog)));
  return { features, dispose: () => owned.dispose() };
}

function holdsCatalog({ input }: vscode.Tab): boolean {
  return input instanceof vscode.TabInputText && isCatalogName(basename(input.uri.fsPath));
}
