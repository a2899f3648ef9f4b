import * as vscode from 'vscode';
import { createDisposables, type Disposable, type JobFile } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import { NothingToDo } from '../errorText.ts';
import { isFileNode } from '../jobs/fileRows.ts';
import { rowsOf } from '../jobs/jobTargets.ts';
import { oneJob, ranJob } from '../jobs/pickJobs.ts';
import { localPath } from '../outputs/localPath.ts';
import type { Parts } from '../parts.ts';

/** A file of a job, as a row of the tree has it. */
interface Picked {
  readonly pandaId: number;
  readonly file: JobFile;
}

/** What one does with the files of jobs besides opening them: download, copy where they are. */
export function registerFileCommands(parts: Parts): Disposable {
  const owned = createDisposables();
  const { register, sessions, fileLists } = parts;
  owned.add(
    register(commands.downloadFile, async (...args) => {
      const { downloadPicked } = await import('../outputs/download.ts');
      await downloadPicked(
        await sessions.require(),
        picked(args).map(({ file }) => file),
      );
    }),
  );
  owned.add(
    register(commands.downloadFiles, async (...args) => {
      const pandaId = await oneJob(args, parts, {
        title: 'Download files',
        placeHolder: 'Ended job whose files to download',
        fits: ranJob,
        none: 'No job has left files yet.',
      });
      if (pandaId === undefined) return;
      const session = await sessions.require();
      const { files } = await fileLists.of(session, pandaId);
      if (files.length === 0) throw new NothingToDo(`Job ${pandaId} left no files.`);
      const { downloadAll } = await import('../outputs/download.ts');
      await downloadAll(session, files, String(pandaId));
    }),
  );
  owned.add(
    register(commands.copyFilePath, async (...args) => {
      const session = await sessions.require();
      const paths = picked(args).map(({ pandaId, file }) => localPath(session, pandaId, file));
      if (paths.includes(undefined)) throw new NothingToDo('These files are not on this machine.');
      await copy(paths.map(String));
    }),
  );
  owned.add(
    register(commands.copyFileUrl, async (...args) => {
      const { jobFiles } = await sessions.require();
      await copy(await Promise.all(picked(args).map(({ file }) => jobFiles.address(file))));
    }),
  );
  return owned;
}

/** The rows that a command was called for: the one clicked, or all selected ones with it. */
function picked(args: readonly unknown[]): readonly Picked[] {
  const files = rowsOf(args)
    .filter(isFileNode)
    .map(({ parent, file }) => ({ pandaId: parent.pandaId, file }));
  if (files.length === 0) throw new NothingToDo('Choose a file below a job in the Jobs view.');
  return files;
}

async function copy(lines: readonly string[]): Promise<void> {
  await vscode.env.clipboard.writeText(lines.join('\n'));
  void vscode.window.setStatusBarMessage(
    lines.length === 1 ? 'Copied' : `Copied ${lines.length} lines`,
    3000,
  );
}
