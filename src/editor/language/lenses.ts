import * as vscode from 'vscode';
import { recordIdOf } from '../../transformations/index.ts';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands, languages } from '../contributions.ts';
import type { Parts } from '../parts.ts';
import type { DocumentChecks } from './documentChecks.ts';
import { isRunnable, type DocumentKind } from './documentKind.ts';

const toldByContent: ReadonlySet<DocumentKind> = new Set(['pipeline', 'bps', 'taskFile']);

/** What can be done with a file, above its first line; and the context key that its buttons hang on. */
export function registerLenses(
  { contextKeys }: Pick<Parts, 'contextKeys'>,
  checks: DocumentChecks,
): Disposable {
  const owned = createDisposables();
  const changes = owned.add(new vscode.EventEmitter<void>());
  const kinds = new Map<string, DocumentKind>();
  owned.add(
    checks.onDidChange((path) => {
      const kind = checks.result(path)?.kind;
      const before = kinds.get(path);
      if (kind === before) return;
      if (kind === undefined) kinds.delete(path);
      else kinds.set(path, kind);
      // Only of these the content decides; buttons that are drawn anew without need lose the click on them.
      if ([kind, before].some((one) => one !== undefined && toldByContent.has(one))) changes.fire();
      const runnable = [...kinds].filter(([, one]) => isRunnable(one));
      contextKeys.set(
        'descPanda.runnable',
        runnable.map(([one]) => one),
      );
    }),
  );
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changes.event,
    provideCodeLenses: (document) => lensesOf(document.uri, checks.kind(document)),
  };
  const selector = [
    { language: languages.catalog, scheme: 'file' },
    { language: 'yaml', scheme: 'file' },
    { language: 'xml', scheme: 'file' },
  ];
  owned.add(vscode.languages.registerCodeLensProvider(selector, provider));
  return owned;
}

function lensesOf(uri: vscode.Uri, kind: DocumentKind | undefined): vscode.CodeLens[] {
  const top = new vscode.Range(0, 0, 0, 0);
  const lens = (title: string, command: string): vscode.CodeLens =>
    new vscode.CodeLens(top, { title, command, arguments: [uri] });
  if (recordIdOf(uri.fsPath) !== undefined) {
    return [
      lens('$(debug-rerun) Submit again…', commands.submitAgain),
      lens('$(diff) Compare with another…', commands.compareSubmissions),
    ];
  }
  if (kind === 'taskFile') return [lens('$(play) Run in the emulator', commands.runInEmulator)];
  if (!isRunnable(kind)) return [];
  return [
    lens('$(play) Submit to PanDA', commands.submit),
    ...(kind === 'submission' ? [lens('Dry run', commands.dryRun)] : []),
    lens('Run in the sandbox', commands.submitToSandbox),
    ...(kind === 'catalog' ? [lens('Summary', commands.showSummary)] : []),
  ];
}
