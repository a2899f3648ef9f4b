import * as vscode from 'vscode';
import { createDisposables, currentCounts, describeCounts, type Disposable } from '../watch/index.ts';
import { commands } from './contributions.ts';
import { followSession } from './followSession.ts';
import type { Sessions } from './session.ts';
import { statusText } from './statusText.ts';

/** Jobs that run, wait and failed, at the bottom of the window; there while a session is open and has jobs. */
export function registerStatusBar(sessions: Sessions): Disposable {
  const owned = createDisposables();
  const item = owned.add(
    vscode.window.createStatusBarItem('descPanda.status', vscode.StatusBarAlignment.Left, 1),
  );
  item.name = 'PanDA jobs';
  item.command = commands.showJobs;
  const draw = (): void => {
    const session = sessions.current;
    if (session === undefined || session.store.size === 0) {
      item.hide();
      return;
    }
    const counts = currentCounts(session.store);
    item.text = statusText(counts);
    item.tooltip = `PanDA, ${session.profile.name}: ${describeCounts(counts)}`;
    item.accessibilityInformation = { label: item.tooltip.replaceAll(' · ', ', '), role: 'button' };
    item.show();
  };
  owned.add(followSession(sessions, (session) => session?.store.onDidChange(draw), draw));
  return owned;
}
