import { open } from 'node:fs/promises';
import * as vscode from 'vscode';
import { recogniseCatalog, type SourceFile } from '../../transformations/index.ts';

const HEAD = 64 * 1024;

/** The file as the editor holds it. Of a catalog, which may be of any size, the head: the rest is read from disk. */
export async function sourceFile(uri: vscode.Uri): Promise<SourceFile> {
  const path = uri.fsPath;
  const document = openDocument(uri);
  if (document?.isDirty === true) {
    return { path, content: new TextEncoder().encode(document.getText()) };
  }
  const head = await readHead(path);
  const isCatalog = head.length === HEAD && recogniseCatalog(path, head) !== undefined;
  if (isCatalog) return { path, content: head, cut: true };
  return { path, content: await vscode.workspace.fs.readFile(uri) };
}

export function isDirty(uri: vscode.Uri): boolean {
  return openDocument(uri)?.isDirty === true;
}

/** Saves what the editor holds; false when that failed. */
export async function saveFile(uri: vscode.Uri): Promise<boolean> {
  const document = openDocument(uri);
  return document?.isDirty !== true || document.save();
}

/** The editor opens no document of more than 50 MB for an extension: what is not open is not asked for. */
function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(HEAD);
    const { bytesRead } = await file.read(buffer, 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
