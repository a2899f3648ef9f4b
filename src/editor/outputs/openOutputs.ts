import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { formatSize } from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { pickOne, type Choice } from '../vscode/prompts.ts';

/** Lists what a job left on this machine: pick a file to open it, or the folder. */
export async function openOutputs(pandaId: number, parts: Parts): Promise<void> {
  const { storageFolder, profile } = await parts.sessions.require();
  if (storageFolder === undefined) {
    throw new NothingToDo(`The outputs of profile ${profile.name} are not on this machine.`);
  }
  const folder = join(storageFolder, String(pandaId));
  const files = await listFiles(folder);
  if (files.length === 0) throw new NothingToDo(`Job ${pandaId} left no files.`);
  const uri = vscode.Uri.file(folder);
  const choices: readonly Choice<() => unknown>[] = [
    ...files.map(({ name, size }) => ({
      label: `$(file) ${name}`,
      description: formatSize(size),
      value: () => vscode.commands.executeCommand('vscode.open', vscode.Uri.joinPath(uri, name)),
    })),
    ...folderChoices(uri),
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

async function listFiles(folder: string): Promise<readonly { name: string; size: number }[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const files = await Promise.all(
    names
      .sort()
      .map(async (name) => ({ name, facts: await stat(join(folder, name)).catch(() => undefined) })),
  );
  return files.flatMap(({ name, facts }) => (facts?.isFile() === true ? [{ name, size: facts.size }] : []));
}
