import * as vscode from 'vscode';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands, languages } from '../contributions.ts';
import type { Parts } from '../parts.ts';
import type { DocumentChecks } from './documentChecks.ts';
import { isRunnable, type DocumentKind } from './documentKind.ts';

/** What can be done with a file, above its first line; and the context key that its buttons hang on. */
export function registerLenses(
  { contextKeys }: Pick<Parts, 'contextKeys'>,
  checks: DocumentChecks,
): Disposable {
  const owned = createDisposables();
  const changes = owned.add(new vscode.EventEmitter<void>());
  const runnable = new Set<string>();
  owned.add(
    checks.onDidChange((path) => {
      changes.fire();
      const can = isRunnable(checks.result(path)?.kind);
      if (can === runnable.has(path)) return;
      if (can) runnable.add(path);
      else runnable.delete(path);
      contextKeys.set('descPanda.runnable', [...runnable]);
    }),
  );
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changes.event,
    provideCodeLenses: (document) => lensesOf(document.uri, checks.kind(document)),
  };
  const selector = [
    { language: languages.catalog, scheme: 'file' },
    { language: 'yaml', scheme: 'file' },
  ];
  owned.add(vscode.languages.registerCodeLensProvider(selector, provider));
  return owned;
}

function lensesOf(uri: vscode.Uri, kind: DocumentKind | undefined): vscode.CodeLens[] {
  if (!isRunnable(kind)) return [];
  const top = new vscode.Range(0, 0, 0, 0);
  const lens = (title: string, command: string): vscode.CodeLens =>
    new vscode.CodeLens(top, { title, command, arguments: [uri] });
  return [
    lens('$(play) Submit to PanDA', commands.submit),
    ...(kind === 'submission' ? [lens('Dry run', commands.dryRun)] : []),
    lens('Run in the sandbox', commands.submitToSandbox),
    ...(kind === 'catalog' ? [lens('Summary', commands.showSummary)] : []),
  ];
}
