import { basename } from 'node:path';
import * as vscode from 'vscode';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import { errorText } from '../errorText.ts';
import type { LanguageFeatures } from '../language/features.ts';
import { setPage } from '../pages/setPage.ts';
import type { Parts } from '../parts.ts';
import type { HostMessage } from './messages.ts';
import { parsePageMessage } from './pageMessage.ts';
import { buildSummaryView } from './summaryView.ts';

type SummaryParts = Pick<Parts, 'extension' | 'errors'>;

/** Puts the page of a catalog into a view and keeps it true while the catalog is changed. */
export function fillSummary(
  view: vscode.WebviewPanel,
  path: string,
  { extension, errors }: SummaryParts,
  { checks, service }: LanguageFeatures,
): Disposable {
  const owned = createDisposables();
  const stop = new AbortController();
  let latest: HostMessage = { type: 'trouble', message: `Reading ${basename(path)}`, waiting: true };
  const show = (message: HostMessage): void => {
    latest = message;
    if (message.type === 'summary') view.title = `Visit ${message.view.visit}: summary`;
    void view.webview.postMessage(message);
  };
  const showResult = (): boolean => {
    const catalog = checks.result(path)?.catalog;
    if (catalog !== undefined) show({ type: 'summary', view: buildSummaryView(path, catalog) });
    return catalog !== undefined;
  };
  const read = async (): Promise<void> => {
    try {
      const { catalog } = await service.check({ path, kind: 'catalog' }, undefined, stop.signal);
      if (catalog !== undefined) show({ type: 'summary', view: buildSummaryView(path, catalog) });
    } catch (error) {
      const text = errorText(error);
      if (text !== undefined) show({ type: 'trouble', message: text.message, waiting: false });
    }
  };
  owned.add({ dispose: () => stop.abort() });
  owned.add(
    checks.onDidChange((changed) => {
      if (changed === path) showResult();
    }),
  );
  owned.add(
    view.webview.onDidReceiveMessage((value: unknown) => {
      const message = parsePageMessage(value);
      if (message === undefined) errors.note(new Error('The summary sent a message that is none of ours.'));
      else if (message.type === 'ready') show(latest);
      else act(message, path).catch(errors.show);
    }),
  );
  const icon = (theme: string): vscode.Uri =>
    vscode.Uri.joinPath(extension.extensionUri, 'media', `job-${theme}.svg`);
  view.iconPath = { light: icon('light'), dark: icon('dark') };
  setPage(view.webview, extension.extensionUri, { name: 'summary', title: 'Summary of a catalog' });
  // An open catalog was read already, or is being read.
  if (!showResult()) void read();
  return owned;
}

async function act(
  message: Exclude<ReturnType<typeof parsePageMessage>, undefined | { type: 'ready' }>,
  path: string,
): Promise<void> {
  switch (message.type) {
    case 'submit': {
      const parameters = message.sensors.length === 0 ? {} : { sensor: message.sensors };
      await vscode.commands.executeCommand(commands.submit, vscode.Uri.file(path), { parameters });
      break;
    }
    case 'openFile':
      await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(message.file));
      break;
    case 'showProblems':
      await vscode.commands.executeCommand('workbench.actions.view.problems');
      break;
  }
}
