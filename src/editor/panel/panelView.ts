import * as vscode from 'vscode';
import { createDisposables, createLogTail, systemClock } from '../../watch/index.ts';
import type { Disposable } from '../../watch/index.ts';
import { commands, schemes } from '../contributions.ts';
import type { CommandId } from '../contributions.ts';
import { logPath } from '../documents/logUri.ts';
import { setPage } from '../pages/setPage.ts';
import type { FileLists } from '../outputs/fileLists.ts';
import { filePath } from '../outputs/fileUri.ts';
import type { Parts } from '../parts.ts';
import { JobPanel } from './jobPanel.ts';
import type { JobPanelDeps, PageWindow } from './jobPanel.ts';
import type { ActionName, LogName } from './messages.ts';

export type PanelParts = Pick<Parts, 'extension' | 'sessions' | 'errors' | 'fileLists'>;

const commandOf: Readonly<Record<Exclude<ActionName, 'refresh'>, CommandId>> = {
  cancel: commands.cancel,
  resubmit: commands.resubmit,
  openOutputs: commands.openOutputs,
  openMonitor: commands.openInMonitor,
  copyLink: commands.copyLink,
};

/** The tail only tells of growth; what is shown is read for the page. */
const TAIL = { clock: systemClock, random: Math.random, maxLines: 100, maxBytes: 64 * 1024 };

/** Puts the page into a view and joins the two, until `resources` are disposed of. */
export function fillView(
  view: vscode.WebviewPanel,
  parts: PanelParts,
  job: { readonly pandaId: number; readonly profile: string | undefined },
  openJob: (pandaId: number) => void,
): { readonly panel: JobPanel; readonly resources: Disposable } {
  const resources = createDisposables();
  const panel = resources.add(
    new JobPanel(panelDeps(parts, openJob), pageWindow(view), job.pandaId, job.profile),
  );
  resources.add(view.webview.onDidReceiveMessage((message: unknown) => panel.receive(message)));
  resources.add(looking(view, parts, panel));
  const icon = (theme: string): vscode.Uri =>
    vscode.Uri.joinPath(parts.extension.extensionUri, 'media', `job-${theme}.svg`);
  view.iconPath = { light: icon('light'), dark: icon('dark') };
  setPage(view.webview, parts.extension.extensionUri, { name: 'panel', title: 'PanDA job' });
  return { panel, resources };
}

function panelDeps(
  { sessions, errors, fileLists }: PanelParts,
  openJob: (pandaId: number) => void,
): JobPanelDeps {
  const run = (work: () => Thenable<unknown>): void =>
    void work().then(undefined, (error: unknown) => errors.show(error));
  return {
    sessions,
    clock: systemClock,
    openTail: (source, file) => createLogTail(source, file, TAIL),
    act: (action, pandaId) => run(() => vscode.commands.executeCommand(commandOf[action], { pandaId })),
    openLog: (pandaId, file) => run(() => openLogDocument(sessions.current?.profile.name, pandaId, file)),
    openFile: (pandaId, name) =>
      run(() => openJobFile(fileLists, sessions.current?.profile.name, pandaId, name)),
    openJob,
    copy: (text) => run(() => vscode.env.clipboard.writeText(text)),
    note: (error) => errors.note(error),
  };
}

async function openLogDocument(profile: string | undefined, pandaId: number, file: LogName): Promise<void> {
  if (profile === undefined) return;
  const path = logPath({ profile, pandaId, file });
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.from({ scheme: schemes.log, path }));
}

async function openJobFile(
  lists: FileLists,
  profile: string | undefined,
  pandaId: number,
  name: string,
): Promise<void> {
  if (profile === undefined) return;
  const address = { profile, pandaId, name };
  // What is not there is told here; an editor on it would only say that it cannot be opened.
  await lists.find(address);
  await vscode.commands.executeCommand(
    'vscode.open',
    vscode.Uri.from({ scheme: schemes.files, path: filePath(address) }),
  );
}

function pageWindow(view: vscode.WebviewPanel): PageWindow {
  return {
    post: (message) => void view.webview.postMessage(message),
    setTitle: ({ name, state }) => {
      view.title = `${name} · ${state.word}`;
    },
  };
}

/** While the panel is in sight somebody looks at jobs, which sets the pace of asking. */
function looking(view: vscode.WebviewPanel, { sessions }: PanelParts, panel: JobPanel): Disposable {
  let look: Disposable | undefined = sessions.look();
  const changes = view.onDidChangeViewState(() => {
    panel.setVisible(view.visible);
    if (view.visible) {
      look ??= sessions.look();
    } else {
      look?.dispose();
      look = undefined;
    }
  });
  return {
    dispose: () => {
      changes.dispose();
      look?.dispose();
    },
  };
}
