import { join } from 'node:path';
import * as vscode from 'vscode';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { registerSignInCommands } from '../commands/signInCommands.ts';
import type { Parts } from '../parts.ts';
import { tell } from '../vscode/prompts.ts';
import { settings } from '../vscode/settings.ts';
import { registerAuthenticationProvider } from './authenticationProvider.ts';
import { registerEndWarnings } from './endWarnings.ts';
import { SignInGate } from './signInGate.ts';
import { createSignIns, type SignIns } from './signIns.ts';

/** The sign-ins of a window, kept by its editor. */
export function makeSignIns(context: vscode.ExtensionContext, userAgent: string): SignIns {
  // There each window keeps secrets for itself, maybe until it is loaded anew only, so that one would spend another's token.
  const isInBrowser = vscode.env.uiKind === vscode.UIKind.Web;
  const signIns = createSignIns({
    secrets: context.secrets,
    lockFolder: join(context.globalStorageUri.fsPath, 'locks'),
    isShared: () => isInBrowser || settings.get('shareSignIn') === true,
    userAgent,
    onNotKept: (where) => {
      const text = `This editor can keep no secrets, so the sign-in is kept in ${where}, which only you can read.`;
      void tell('warning', text);
    },
  });
  // Another window signed in or out.
  context.subscriptions.push(context.secrets.onDidChange(() => signIns.changed()));
  return signIns;
}

export function makeGate(signIns: SignIns, note: (error: unknown) => void): SignInGate {
  return new SignInGate({
    signIns,
    note,
    dialog: async (signIn, name) => {
      const { signInWithDialog } = await import('./signInDialog.ts');
      return signInWithDialog(signIn, name);
    },
    tell: async (name, reason) => {
      const text = `PanDA (${name}) does not know you any more: ${reason}.`;
      return (await tell('warning', text, 'Sign in')) === 'Sign in';
    },
  });
}

/** Commands, accounts and warnings; and the session follows who is signed in. */
export function registerSignIn(parts: Parts, signIns: SignIns, gate: SignInGate): Disposable {
  const owned = createDisposables();
  const { profiles, sessions, errors } = parts;
  owned.add(registerSignInCommands(parts, signIns, gate));
  owned.add(
    registerAuthenticationProvider({
      profiles,
      signIns,
      signIn: (signIn, name) => gate.signIn(signIn, name),
      note: errors.note,
    }),
  );
  owned.add(
    registerEndWarnings({
      sessions,
      memory: parts.extension.globalState,
      signIn: async ({ signIn, profile }) => signIn && gate.signIn(signIn, profile.name),
      errors,
    }),
  );
  const follow = async (): Promise<void> => {
    if (await followUser(parts)) return;
    await sessions.current?.poller.refresh('signed in or out').catch(() => undefined);
  };
  owned.add(signIns.onDidChange(() => void follow().catch(errors.note)));
  // Somebody else may have been chosen elsewhere meanwhile, where this window is not told.
  owned.add(
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) followUser(parts).catch(errors.note);
    }),
  );
  return owned;
}

/** A session of somebody else, or of nobody, is opened anew for who is signed in now; true where it was. */
async function followUser({ sessions }: Parts): Promise<boolean> {
  const { current } = sessions;
  if (current?.signIn === undefined) return false;
  const { state, claims } = await current.signIn.status();
  const isFollowed = state !== 'signedIn' || claims?.subject === current.subject;
  if (isFollowed || sessions.current !== current) return false;
  await sessions.reopen();
  return true;
}
