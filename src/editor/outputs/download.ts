import { homedir } from 'node:os';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { downloadJobFile, formatSize, plural, type JobFile } from '../../watch/index.ts';
import type { Session } from '../session.ts';
import { withNotification } from '../vscode/progress.ts';
import { tell } from '../vscode/prompts.ts';

/** Asks for a name for one file, or a folder for several, and downloads them. */
export async function downloadPicked(session: Session, files: readonly JobFile[]): Promise<void> {
  const [only, ...more] = files;
  if (only === undefined) return;
  if (more.length > 0) {
    await downloadAll(session, files, undefined);
    return;
  }
  const target = await vscode.window.showSaveDialog({
    title: `Download ${only.name}`,
    saveLabel: 'Download',
    defaultUri: vscode.Uri.joinPath(startFolder(), basename(only.name)),
  });
  if (target === undefined) return;
  // The dialog has asked already whether a file that is there may be replaced.
  const place = { folder: dirname(target.fsPath), name: basename(target.fsPath) };
  await download([only], (file, options) =>
    downloadJobFile(session.jobFiles, file, place, { ...options, replace: true }),
  );
}

/** Asks for a folder and downloads files into it, or into a new folder of the name given below it. */
export async function downloadAll(
  session: Session,
  files: readonly JobFile[],
  below: string | undefined,
): Promise<void> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: `Download ${plural(files.length, 'file')}`,
      openLabel: 'Download here',
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: startFolder(),
    })) ?? [];
  if (chosen === undefined) return;
  const folder = below === undefined ? chosen : vscode.Uri.joinPath(chosen, below);
  await download(files, (file, options) =>
    downloadJobFile(session.jobFiles, file, { folder: folder.fsPath }, options),
  );
}

type DownloadOne = (
  file: JobFile,
  options: { readonly signal: AbortSignal; readonly onProgress: (bytes: number, size: number) => void },
) => Promise<string>;

async function download(files: readonly JobFile[], one: DownloadOne): Promise<void> {
  const paths: string[] = [];
  await withNotification(`Downloading ${plural(files.length, 'file')}`, async ({ signal, report }) => {
    for (const [index, file] of files.entries()) {
      const which = files.length === 1 ? file.name : `${index + 1} of ${files.length}: ${file.name}`;
      report(which);
      const onProgress = (bytes: number, size: number): void =>
        report(`${which}, ${formatSize(bytes)} of ${formatSize(size)}`);
      paths.push(await one(file, { signal, onProgress }));
    }
  });
  const [first] = paths;
  if (first === undefined) return;
  const text =
    paths.length === 1 ? `Downloaded ${basename(first)}.` : `Downloaded ${plural(paths.length, 'file')}.`;
  const open = 'Open';
  const chosen = await tell('information', text, ...(paths.length === 1 ? [open] : []));
  if (chosen === open) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(first));
}

function startFolder(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
}
