import * as vscode from 'vscode';
import { schemes } from '../contributions.ts';
import type { Parts } from '../parts.ts';
import { logPath } from './logUri.ts';

/** Opens what the payload of a job printed, at its end, where the result is. */
export async function openLog(pandaId: number, parts: Parts): Promise<void> {
  const { profile } = await parts.sessions.require();
  const path = logPath({ profile: profile.name, pandaId, file: 'payload.stdout' });
  const uri = vscode.Uri.from({ scheme: schemes.log, path });
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document, { preview: true });
  const end = document.lineAt(Math.max(0, document.lineCount - 1)).range.end;
  editor.revealRange(new vscode.Range(end, end));
}
