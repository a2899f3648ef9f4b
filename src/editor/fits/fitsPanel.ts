import { tmpdir } from 'node:os';
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { schemes } from '../contributions.ts';
import { parseFilePath } from '../outputs/fileUri.ts';
import { jobFileBytes } from '../outputs/jobFileBytes.ts';
import { setPage } from '../pages/setPage.ts';
import type { FitsParts } from './fitsEditor.ts';
import { FitsView, type OpenOptions } from './fitsView.ts';
import {
  copyToLocal,
  fileBytes,
  isGzip,
  memoryBytes,
  type ByteSource,
  type LocalBytes,
} from './reader/index.ts';

/** Puts the page into a custom editor and joins it to the file, until the editor is closed. */
export function fillFitsPanel(panel: vscode.WebviewPanel, uri: vscode.Uri, parts: FitsParts): void {
  const { webview } = panel;
  const view = new FitsView({
    name: posix.basename(uri.path),
    open: (options) => openBytes(uri, parts, options),
    send: (message) => void webview.postMessage(message),
    copy: (text) => void vscode.env.clipboard.writeText(text),
    note: (error) => parts.errors.note(error),
  });
  const listening = webview.onDidReceiveMessage((message: unknown) => view.receive(message));
  panel.onDidDispose(() => {
    listening.dispose();
    view.dispose();
  });
  setPage(webview, parts.extension.extensionUri, { name: 'fits', title: 'FITS file' });
}

/** Files of this machine are read where they are; others, and compressed ones, from a temporary copy. */
async function openBytes(uri: vscode.Uri, parts: FitsParts, options: OpenOptions): Promise<LocalBytes> {
  const copy = (source: ByteSource): Promise<LocalBytes> =>
    copyToLocal(source, { temporaryFolder: tmpdir(), ...options });
  const address = uri.scheme === schemes.files ? parseFilePath(uri.path) : undefined;
  if (address !== undefined) {
    return copy(await jobFileBytes(await parts.fileLists.find(address), options.signal));
  }
  if (uri.scheme !== 'file') return copy(memoryBytes(await vscode.workspace.fs.readFile(uri)));
  const file = await fileBytes(uri.fsPath);
  try {
    if (!(await isGzip(file))) return file;
  } catch (error) {
    await file.dispose();
    throw error;
  }
  try {
    return await copy(file);
  } finally {
    await file.dispose();
  }
}
