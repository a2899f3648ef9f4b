import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { catalogSuggestions, type Suggestion } from './catalogCompletion.ts';
import { catalogHover } from './catalogHover.ts';
import { OutlineBuilder, type OutlineItem } from './catalogOutline.ts';
import { commandFileHover, commandFileSuggestions } from './commandFileHelp.ts';
import { SOURCE } from './diagnosticViews.ts';
import { languages } from '../contributions.ts';
import { fixesFor, type Fix, type Flaw, type LineEdit } from './quickFixes.ts';
import { yamlFixesFor } from './yamlFixes.ts';

const ours = Object.values(languages).map((language) => ({
  language,
  scheme: 'file',
}));

/** What the editor asks for while somebody reads or writes a catalog or a command file. */
export function registerProviders(): Disposable {
  const owned = createDisposables();
  owned.add(vscode.languages.registerHoverProvider(ours, { provideHover }));
  owned.add(vscode.languages.registerCompletionItemProvider(ours, { provideCompletionItems }, ' '));
  owned.add(
    vscode.languages.registerDocumentSymbolProvider(ours, { provideDocumentSymbols }, { label: 'phoSim' }),
  );
  const kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
  const fixable = [...ours, { language: 'yaml', scheme: 'file' }];
  owned.add(vscode.languages.registerCodeActionsProvider(fixable, { provideCodeActions }, kinds));
  return owned;
}

function provideHover(
  document: vscode.TextDocument,
  { line, character }: vscode.Position,
): vscode.Hover | undefined {
  const hoverOf = document.languageId === languages.commandFile ? commandFileHover : catalogHover;
  const hover = hoverOf(document.lineAt(line).text, character);
  if (hover === undefined) return undefined;
  return new vscode.Hover(
    new vscode.MarkdownString(hover.markdown),
    new vscode.Range(line, hover.from, line, hover.to),
  );
}

function provideCompletionItems(
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.CompletionItem[] {
  const before = document.lineAt(position.line).text.slice(0, position.character);
  const word = /\S*$/u.exec(before)?.[0] ?? '';
  const range = new vscode.Range(position.translate(0, -word.length), position);
  const suggest = document.languageId === languages.commandFile ? commandFileSuggestions : catalogSuggestions;
  return suggest(before.slice(0, before.length - word.length)).map((one) => completionItem(one, range));
}

const itemKinds = {
  command: vscode.CompletionItemKind.Keyword,
  model: vscode.CompletionItemKind.Class,
  value: vscode.CompletionItemKind.Value,
} as const;

function completionItem(suggestion: Suggestion, range: vscode.Range): vscode.CompletionItem {
  const item = new vscode.CompletionItem(suggestion.label, itemKinds[suggestion.kind]);
  item.detail = suggestion.detail;
  item.documentation = new vscode.MarkdownString(suggestion.markdown);
  item.insertText =
    suggestion.snippet === undefined ? suggestion.label : new vscode.SnippetString(suggestion.snippet);
  item.range = range;
  return item;
}

/** Lines that are looked at in one go. */
const LINES = 5000;

async function provideDocumentSymbols(
  document: vscode.TextDocument,
  token: vscode.CancellationToken,
): Promise<vscode.DocumentSymbol[]> {
  const builder = new OutlineBuilder();
  const { version } = document;
  for (let first = 0; first < document.lineCount; first += LINES) {
    const last = Math.min(document.lineCount, first + LINES);
    for (let line = first; line < last; line += 1) builder.line(document.lineAt(line).text, line);
    await new Promise((resolve) => setImmediate(resolve));
    // Of a text that was changed meanwhile the editor asks again.
    if (token.isCancellationRequested || document.version !== version) return [];
  }
  return builder.result().map((item) => symbol(item, document));
}

const symbolKinds = {
  header: vscode.SymbolKind.Namespace,
  command: vscode.SymbolKind.Property,
  include: vscode.SymbolKind.File,
  objects: vscode.SymbolKind.Array,
} as const;

function symbol(item: OutlineItem, document: vscode.TextDocument): vscode.DocumentSymbol {
  const range = document.lineAt(item.first).range.union(document.lineAt(item.last).range);
  const head = document.lineAt(item.first).range;
  const made = new vscode.DocumentSymbol(item.name, item.detail, symbolKinds[item.kind], range, head);
  made.children = item.children.map((child) => symbol(child, document));
  return made;
}

async function provideCodeActions(
  document: vscode.TextDocument,
  _range: vscode.Range,
  { diagnostics }: vscode.CodeActionContext,
): Promise<vscode.CodeAction[]> {
  const actions = diagnostics
    .filter(({ source }) => source === SOURCE)
    .map((one) => actionsFor(document, one));
  return (await Promise.all(actions)).flat();
}

async function actionsFor(
  document: vscode.TextDocument,
  diagnostic: vscode.Diagnostic,
): Promise<vscode.CodeAction[]> {
  const { start, end } = diagnostic.range;
  if (start.line >= document.lineCount) return [];
  const { text } = document.lineAt(start.line);
  const flaw = {
    code: typeof diagnostic.code === 'string' ? diagnostic.code : '',
    from: start.character,
    to: end.character,
  };
  const fixes = await fixesIn(document, flaw, text);
  return fixes.map(({ title, edit, preferred }) => {
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    action.edit = new vscode.WorkspaceEdit();
    apply(edit, action.edit, document, start.line);
    action.diagnostics = [diagnostic];
    action.isPreferred = preferred;
    return action;
  });
}

async function fixesIn(document: vscode.TextDocument, flaw: Flaw, text: string): Promise<readonly Fix[]> {
  if (document.languageId === 'yaml') return yamlFixesFor(flaw, text);
  return fixesFor(flaw, text, {
    isCommandFile: document.languageId === languages.commandFile,
    files: () => readdir(dirname(document.fileName)).catch(() => []),
  });
}

function apply(
  edit: LineEdit,
  into: vscode.WorkspaceEdit,
  document: vscode.TextDocument,
  line: number,
): void {
  switch (edit.kind) {
    case 'replace':
      into.replace(document.uri, new vscode.Range(line, edit.from, line, edit.to), edit.text);
      break;
    case 'deleteLine':
      into.delete(document.uri, document.lineAt(line).rangeIncludingLineBreak);
      break;
    case 'endLine':
      into.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, '\n');
      break;
  }
}
