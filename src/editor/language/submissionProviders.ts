import * as vscode from 'vscode';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { submissionHelp, type SchemaEntry, type SubmissionHelp } from './submissionSchema.ts';
import { yamlPlace } from './yamlPlace.ts';

const submissions: vscode.DocumentSelector = {
  language: 'yaml',
  scheme: 'file',
  pattern: '**/*.panda.{yaml,yml}',
};

/** What the editor asks for while somebody writes a submission file. */
export function registerSubmissionProviders(): Disposable {
  const owned = createDisposables();
  // Where the YAML extension is installed it says the same, from the schema that package.json names.
  if (vscode.extensions.getExtension('redhat.vscode-yaml') !== undefined) return owned;
  const help = submissionHelp();
  const hover: vscode.HoverProvider = {
    provideHover: (document, position) => hoverAt(help, document, position),
  };
  const completion: vscode.CompletionItemProvider = {
    provideCompletionItems: (document, position) => completionsAt(help, document, position),
  };
  owned.add(vscode.languages.registerHoverProvider(submissions, hover));
  owned.add(vscode.languages.registerCompletionItemProvider(submissions, completion, ' ', ':'));
  return owned;
}

function hoverAt(
  { describeKey }: SubmissionHelp,
  document: vscode.TextDocument,
  { line, character }: vscode.Position,
): vscode.Hover | undefined {
  const { above, key, from, to } = yamlPlace((at) => document.lineAt(at).text, line);
  if (key === undefined || character < from || character >= to) return undefined;
  const markdown = describeKey([...above, key]);
  if (markdown === undefined) return undefined;
  return new vscode.Hover(new vscode.MarkdownString(markdown), new vscode.Range(line, from, line, to));
}

function completionsAt(
  { keysBelow, valuesOf }: SubmissionHelp,
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.CompletionItem[] {
  const before = document.lineAt(position.line).text.slice(0, position.character);
  const place = yamlPlace((at) => (at === position.line ? before : document.lineAt(at).text), position.line);
  if (place.key !== undefined) {
    const values = valuesOf([...place.above, place.key]);
    return values.map((value) => new vscode.CompletionItem(value, vscode.CompletionItemKind.EnumMember));
  }
  return /^\s*[\w-]*$/u.test(before) ? keysBelow(place.above).map(keyItem) : [];
}

const endings = { value: ': ', list: ':\n  - ', keys: ':\n  ' } as const;

function keyItem({ name, markdown, follows }: SchemaEntry): vscode.CompletionItem {
  const item = new vscode.CompletionItem(name, vscode.CompletionItemKind.Property);
  item.documentation = new vscode.MarkdownString(markdown);
  item.insertText = `${name}${endings[follows]}`;
  return item;
}
