import * as vscode from 'vscode';
import { SANDBOX } from '../panda/index.ts';
import { createDisposables, type Disposable } from '../watch/index.ts';
import { commands } from './contributions.ts';
import type { Profiles } from './profiles.ts';
import type { Sessions } from './session.ts';

/** The profile in use, at the bottom of the window; a click switches it. There once PanDA was looked at. */
export function registerProfileStatus(sessions: Sessions, profiles: Profiles): Disposable {
  const owned = createDisposables();
  const item = owned.add(
    vscode.window.createStatusBarItem('descPanda.profileStatus', vscode.StatusBarAlignment.Left, 2),
  );
  item.name = 'PanDA profile';
  item.command = commands.switchProfile;
  const draw = (): void => {
    const { kind } = sessions.state;
    if (kind === 'closed' || kind === 'restricted' || (kind === 'opening' && profiles.last === undefined)) {
      item.hide();
      return;
    }
    const { last } = profiles;
    const name = last?.name ?? 'no profile';
    item.text = `${icon(last?.name)} ${name}`;
    item.tooltip = tooltip(last);
    item.accessibilityInformation = { label: `PanDA profile: ${name}. Switch profile`, role: 'button' };
    item.show();
  };
  owned.add(sessions.onDidChange(draw));
  draw();
  return owned;
}

function icon(name: string | undefined): string {
  if (name === undefined) return '$(warning)';
  return name === SANDBOX ? '$(beaker)' : '$(server-environment)';
}

function tooltip(profile: Profiles['last']): string {
  if (profile === undefined) return 'No PanDA profile can be used. Click to choose one.';
  const where = profile.profile?.server ?? 'a PanDA on this machine';
  return `PanDA profile ${profile.name}: ${where} (chosen by: ${profile.chosenBy}). Click to switch.`;
}
