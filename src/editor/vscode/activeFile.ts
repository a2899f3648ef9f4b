import * as vscode from 'vscode';

/** The file in front. Of more than 50 MB the editor hands over no document: then the tab says which it is. */
export function activeFileUri(): vscode.Uri | undefined {
  const { activeTextEditor, tabGroups } = vscode.window;
  if (activeTextEditor !== undefined) return activeTextEditor.document.uri;
  const input = tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputText ? input.uri : undefined;
}
