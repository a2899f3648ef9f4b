import * as vscode from 'vscode';
import { SANDBOX, type SignInStatus } from '../panda/index.ts';
import { createDisposables, type Disposable } from '../watch/index.ts';
import type { SignIns } from './auth/signIns.ts';
import { commands } from './contributions.ts';
import { followSession } from './followSession.ts';
import type { Profiles } from './profiles.ts';
import type { Session, Sessions } from './session.ts';
import type { ContextKeySetter } from './vscode/contextKeys.ts';

export interface ProfileStatusDeps {
  readonly sessions: Sessions;
  readonly profiles: Profiles;
  readonly signIns: SignIns;
  readonly contextKeys: ContextKeySetter;
  readonly note: (error: unknown) => void;
}

/** The profile in use and who is signed in, at the bottom of the window; a click switches. There once PanDA was looked at. */
export function registerProfileStatus(deps: ProfileStatusDeps): Disposable {
  const { sessions, profiles, signIns, contextKeys } = deps;
  const owned = createDisposables();
  const item = owned.add(
    vscode.window.createStatusBarItem('descPanda.profileStatus', vscode.StatusBarAlignment.Left, 2),
  );
  item.name = 'PanDA profile';
  item.command = commands.switchProfile;
  let signIn: SignInStatus | undefined;

  const draw = (): void => {
    const { kind } = sessions.state;
    const { last } = profiles;
    const signedIn = signIn === undefined ? undefined : signIn.state === 'signedIn';
    contextKeys.set(
      'descPanda.signIn',
      signedIn === undefined ? 'none' : signedIn ? 'signedIn' : 'signedOut',
    );
    if (kind === 'closed' || kind === 'restricted' || (kind === 'opening' && last === undefined)) {
      item.hide();
      return;
    }
    const name = last?.name ?? 'no profile';
    item.text = `${icon(last?.name, signedIn)} ${name}${signedIn === false ? ': signed out' : ''}`;
    item.tooltip = tooltip(last, signIn);
    item.accessibilityInformation = { label: `${item.tooltip} Switch profile`, role: 'button' };
    item.show();
  };
  const look = (): void => {
    const asked = sessions.current;
    const looking = asked?.signIn?.status() ?? Promise.resolve(undefined);
    looking
      .then((status) => {
        if (sessions.current !== asked) return;
        signIn = status;
        draw();
      })
      .catch(deps.note);
  };
  const follow = (session: Session | undefined): Disposable | undefined => {
    signIn = undefined;
    look();
    return session?.poller.onDidChangeStatus(look);
  };
  owned.add(followSession(sessions, follow, draw));
  owned.add(signIns.onDidChange(look));
  return owned;
}

function icon(name: string | undefined, signedIn: boolean | undefined): string {
  if (name === undefined || signedIn === false) return '$(warning)';
  return name === SANDBOX ? '$(beaker)' : '$(server-environment)';
}

function tooltip(profile: Profiles['last'], signIn: SignInStatus | undefined): string {
  if (profile === undefined) return 'No PanDA profile can be used.';
  const where = profile.profile?.server ?? 'a PanDA on this machine';
  const who =
    signIn === undefined
      ? ''
      : signIn.state === 'signedIn'
        ? ` Signed in as ${signIn.user ?? 'somebody'}.`
        : ' Nobody is signed in.';
  return `PanDA profile ${profile.name}: ${where} (chosen by: ${profile.chosenBy}).${who}`;
}
