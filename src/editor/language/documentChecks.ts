import { basename } from 'node:path';
import * as vscode from 'vscode';
import { recogniseCatalog, recogniseCommandFile } from '../../transformations/index.ts';
import { createDisposables, systemClock, type Disposable, type Event } from '../../watch/index.ts';
import { languages, SETTINGS_SECTION } from '../contributions.ts';
import type { Parts } from '../parts.ts';
import type { Checked } from './checkProtocol.ts';
import type { CheckService } from './checkService.ts';
import { groupByFile, SOURCE } from './diagnosticViews.ts';
import { documentPieces } from './documentPieces.ts';
import {
  HEAD_LENGTH,
  isCatalogName,
  likelyKind,
  type DocumentKind,
  type GeneralKind,
} from './documentKind.ts';
import { Rechecks } from './rechecks.ts';

/** After a keystroke, ms: no check runs while somebody types. */
const TYPING_PAUSE = 400;

type Checkable = DocumentKind | GeneralKind;

/** What is known of the open files of ours. */
export interface DocumentChecks extends Disposable {
  /** The path of a file whose result is new, or gone. */
  readonly onDidChange: Event<string>;
  /** The last result of a file; undefined before its first. */
  result(path: string): Checked | undefined;
  /** What the file is, as far as it is known. */
  kind(document: Pick<vscode.TextDocument, 'languageId' | 'fileName'>): DocumentKind | undefined;
}

/**
 * Checks files while they are open, in the background, and shows what is wrong. The editor hands no documents of more
 * than 50 MB to extensions; those are known by their tabs, and read from disk.
 */
export function createDocumentChecks(parts: Pick<Parts, 'errors'>, service: CheckService): DocumentChecks {
  const owned = createDisposables();
  const rechecks = owned.add(new Rechecks(systemClock, parts.errors.note));
  owned.add(showDiagnostics(rechecks));
  const check: Check = (path, kind, delay, pieces) =>
    rechecks.request(path, delay, (signal) => {
      const workspace = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path))?.uri.fsPath;
      const request = workspace === undefined ? { path, kind } : { path, kind, workspace };
      return service.check(request, pieces?.(), signal);
    });
  owned.add(watchDocuments(rechecks, check, parts));
  owned.add(watchTabs(rechecks, check));
  return {
    onDidChange: rechecks.onDidChange,
    result: (path) => rechecks.result(path),
    kind({ languageId, fileName }) {
      const likely = likelyKind(languageId, fileName);
      return likely === 'yaml' || likely === 'xml' || likely === 'text'
        ? rechecks.result(fileName)?.kind
        : likely;
    },
    dispose: () => owned.dispose(),
  };
}

type Check = (
  path: string,
  kind: Checkable,
  delay: number,
  pieces?: () => AsyncIterable<Uint8Array> | undefined,
) => void;

function showDiagnostics(rechecks: Rechecks): Disposable {
  const shown = vscode.languages.createDiagnosticCollection(SOURCE);
  /** Files that diagnostics of a document were put at. */
  const touched = new Map<string, readonly string[]>();
  const changes = rechecks.onDidChange((path) => {
    for (const file of touched.get(path) ?? []) shown.delete(vscode.Uri.file(file));
    touched.delete(path);
    const result = rechecks.result(path);
    if (result === undefined) return;
    const groups = groupByFile(path, result.diagnostics);
    for (const [file, diagnostics] of groups) shown.set(vscode.Uri.file(file), diagnostics);
    touched.set(path, [...groups.keys()]);
  });
  return {
    dispose: () => {
      changes.dispose();
      shown.dispose();
    },
  };
}

function watchDocuments(rechecks: Rechecks, check: Check, { errors }: Pick<Parts, 'errors'>): Disposable {
  const owned = createDisposables();
  const checkDocument = (document: vscode.TextDocument, delay: number): void => {
    const kind = checkable(document);
    if (kind === undefined) return;
    check(document.fileName, kind, delay, () =>
      document.isDirty ? documentPieces(document, lineRange) : undefined,
    );
  };
  const open = (document: vscode.TextDocument): void => {
    const language = ownLanguage(document);
    if (language === undefined) checkDocument(document, 0);
    // Closes the document and opens it again, so that it comes here once more.
    else void vscode.languages.setTextDocumentLanguage(document, language).then(undefined, errors.note);
  };
  owned.add(vscode.workspace.onDidOpenTextDocument(open));
  owned.add(
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) checkDocument(document, TYPING_PAUSE);
    }),
  );
  owned.add(vscode.workspace.onDidSaveTextDocument((document) => checkDocument(document, 0)));
  owned.add(vscode.workspace.onDidCloseTextDocument(({ fileName }) => rechecks.forget(fileName)));
  owned.add(
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      // The files that it names may have come or gone.
      if (editor !== undefined) checkDocument(editor.document, TYPING_PAUSE);
    }),
  );
  owned.add(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration(`${SETTINGS_SECTION}.sedFolder`)) return;
      for (const document of vscode.workspace.textDocuments) checkDocument(document, TYPING_PAUSE);
    }),
  );
  vscode.workspace.textDocuments.forEach(open);
  return owned;
}

/** Catalogs that are too large for the editor to hand over. */
function watchTabs(rechecks: Rechecks, check: Check): Disposable {
  const opened = (tab: vscode.Tab): void => {
    const path = catalogOfTab(tab);
    if (path === undefined || isKnown(path) || rechecks.result(path) !== undefined) return;
    check(path, 'catalog', TYPING_PAUSE);
  };
  vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).forEach(opened);
  return vscode.window.tabGroups.onDidChangeTabs((change) => {
    for (const tab of change.closed) {
      const path = catalogOfTab(tab);
      if (path !== undefined && !isKnown(path)) rechecks.forget(path);
    }
    change.opened.forEach(opened);
  });
}

function checkable(document: vscode.TextDocument): Checkable | undefined {
  if (document.uri.scheme !== 'file') return undefined;
  const kind = likelyKind(document.languageId, document.fileName);
  return kind === 'text' ? undefined : kind;
}

/** The language of ours that a plain text file is in, by its content. */
function ownLanguage(document: vscode.TextDocument): string | undefined {
  if (likelyKind(document.languageId, document.fileName) !== 'text' || document.uri.scheme !== 'file')
    return undefined;
  const end = document.positionAt(HEAD_LENGTH);
  const head = new TextEncoder().encode(document.getText(new vscode.Range(new vscode.Position(0, 0), end)));
  if (recogniseCatalog(document.fileName, head) !== undefined) return languages.catalog;
  return recogniseCommandFile(head) ? languages.commandFile : undefined;
}

/** The catalog of a tab, told by its name alone. */
function catalogOfTab({ input }: vscode.Tab): string | undefined {
  if (!(input instanceof vscode.TabInputText) || input.uri.scheme !== 'file') return undefined;
  return isCatalogName(basename(input.uri.fsPath)) ? input.uri.fsPath : undefined;
}

function isKnown(path: string): boolean {
  return vscode.workspace.textDocuments.some(({ fileName }) => fileName === path);
}

function lineRange(from: number, to: number): vscode.Range {
  return new vscode.Range(from, 0, to, 0);
}
