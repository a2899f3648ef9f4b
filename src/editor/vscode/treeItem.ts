import * as vscode from 'vscode';
import type { RowLook } from '../rowLook.ts';

/** A row as the editor wants it. */
export function treeItem(id: string, look: RowLook): vscode.TreeItem {
  const item = new vscode.TreeItem(
    look.label,
    look.expandable ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None,
  );
  item.id = id;
  item.description = look.description;
  item.contextValue = look.contextValue;
  item.accessibilityInformation = { label: look.spoken };
  if (look.icon !== undefined) item.iconPath = themeIcon(look.icon.codicon, look.icon.color);
  if (look.tooltip !== '') {
    const tooltip = new vscode.MarkdownString(look.tooltip);
    tooltip.supportThemeIcons = true;
    item.tooltip = tooltip;
  }
  return item;
}

function themeIcon(codicon: string, color: string | undefined): vscode.ThemeIcon {
  return new vscode.ThemeIcon(codicon, color === undefined ? undefined : new vscode.ThemeColor(color));
}
