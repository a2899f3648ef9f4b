import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { FileDiagnostic } from '../../transformations/index.ts';

export const SOURCE = 'PanDA';

const severities = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
} as const;

/** A column behind the end of any line: the editor takes it for the end. */
const LINE_END = 10_000;

/** As the editor shows them, those of included files at the file they belong to. */
export function groupByFile(
  path: string,
  diagnostics: readonly FileDiagnostic[],
): ReadonlyMap<string, readonly vscode.Diagnostic[]> {
  const groups = new Map<string, vscode.Diagnostic[]>([[path, []]]);
  for (const diagnostic of diagnostics) {
    const file = diagnostic.file ?? path;
    const group = groups.get(file) ?? [];
    group.push(asShown(diagnostic, file === path ? undefined : basename(path)));
    groups.set(file, group);
  }
  return groups;
}

function asShown(diagnostic: FileDiagnostic, includedBy: string | undefined): vscode.Diagnostic {
  const {
    line,
    column = 1,
    endColumn = column > 1 ? column : LINE_END,
    severity,
    code,
    message,
  } = diagnostic;
  const range = new vscode.Range(line - 1, column - 1, line - 1, endColumn - 1);
  const text = includedBy === undefined ? message : `${message} (included by ${includedBy})`;
  const shown = new vscode.Diagnostic(range, text, severities[severity]);
  shown.code = code;
  shown.source = SOURCE;
  return shown;
}
