import * as vscode from 'vscode';
import { formatSize, type JobFile } from '../../watch/index.ts';
import { schemes } from '../contributions.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { pickOne, type Choice } from '../vscode/prompts.ts';
import { filePath } from './fileUri.ts';
import { localPath } from './localPath.ts';

/** Lists what a job left: pick a file to open it, or the folder with its outputs where that is on this machine. */
export async function openOutputs(pandaId: number, { sessions, fileLists }: Parts): Promise<void> {
  const session = await sessions.require();
  const { files } = await fileLists.of(session, pandaId);
  if (files.length === 0) throw new NothingToDo(`Job ${pandaId} left no files.`);
  const outputsFirst = [
    ...files.filter(({ kind }) => kind === 'output'),
    ...files.filter(({ kind }) => kind !== 'output'),
  ];
  const uriOf = (file: JobFile): vscode.Uri => {
    const path = localPath(session, pandaId, file);
    if (path !== undefined) return vscode.Uri.file(path);
    const address = { profile: session.profile.name, pandaId, name: file.name };
    return vscode.Uri.from({ scheme: schemes.files, path: filePath(address) });
  };
  const choices: readonly Choice<() => unknown>[] = [
    ...outputsFirst.map((file) => ({
      label: `$(file) ${file.name}`,
      description: file.size === null ? '' : formatSize(file.size),
      value: () => vscode.commands.executeCommand('vscode.open', uriOf(file)),
    })),
    ...outputsFirst.slice(0, 1).flatMap((file) => {
      const path = localPath(session, pandaId, file);
      return path === undefined ? [] : folderChoices(vscode.Uri.file(path.slice(0, -file.name.length - 1)));
    }),
  ];
  const open = await pickOne(choices, { title: `Outputs of job ${pandaId}`, placeHolder: 'File to open' });
  await open?.();
}

/** A file manager is there only where the editor runs on this machine. */
function folderChoices(uri: vscode.Uri): readonly Choice<() => unknown>[] {
  const here = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  const run =
    (command: string, ...args: readonly unknown[]) =>
    (): unknown =>
      vscode.commands.executeCommand(command, uri, ...args);
  const inWindow: Choice<() => unknown> = {
    label: '$(empty-window) Open folder in a new window',
    description: uri.fsPath,
    value: run('vscode.openFolder', { forceNewWindow: true }),
  };
  const inFileManager = {
    label: '$(folder-opened) Open folder in the file manager',
    value: run('revealFileInOS'),
  };
  return here ? [inFileManager, inWindow] : [inWindow];
}
