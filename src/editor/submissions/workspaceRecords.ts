import * as disk from 'node:fs/promises';
import * as vscode from 'vscode';
import {
  describeSubmission,
  type SubmissionOrigin,
  type SubmittedChoice,
} from '../../transformations/index.ts';
import type { Parts } from '../parts.ts';
import { WorkspaceRecords } from './records.ts';

/** The records of this window's workspace. */
export function workspaceRecords({ log }: Pick<Parts, 'log'>): WorkspaceRecords {
  return new WorkspaceRecords({ folders: workspaceFolders, fs: disk, note: (text) => log.warn(text) });
}

/** The folder of the workspace that something is submitted from: the one with the file, else the first. */
export function folderOf(uri: vscode.Uri | undefined): string | undefined {
  const own = uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(uri);
  return own?.uri.scheme === 'file' ? own.uri.fsPath : workspaceFolders()[0];
}

/** What the record of a choice says; undefined in a window without a folder. */
export function originOf(choice: SubmittedChoice, uri: vscode.Uri | undefined): SubmissionOrigin | undefined {
  const folder = folderOf(uri);
  if (folder === undefined) return undefined;
  return { folder, asked: describeSubmission(choice, folder), file: null };
}

/** Absolute paths of the folders of the workspace that are on this machine. */
export function workspaceFolders(): readonly string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.flatMap(({ uri }) => (uri.scheme === 'file' ? [uri.fsPath] : []));
}
