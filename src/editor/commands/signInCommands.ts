import * as vscode from 'vscode';
import type { Profile, SignIn } from '../../panda/index.ts';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import type { SignInGate } from '../auth/signInGate.ts';
import type { SignIns } from '../auth/signIns.ts';
import { commands } from '../contributions.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { RestrictedError } from '../sessions.ts';
import { confirm } from '../vscode/prompts.ts';

/** "Sign in" and "Sign out", of the profile in use. */
export function registerSignInCommands(parts: Parts, signIns: SignIns, gate: SignInGate): Disposable {
  const owned = createDisposables();
  owned.add(
    parts.register(commands.signIn, async () => {
      const { signIn, profile } = await subject(parts, signIns);
      const { user } = await gate.signIn(signIn, profile.name);
      void vscode.window.showInformationMessage(
        `Signed in to PanDA (${profile.name}) as ${user ?? 'somebody'}.`,
      );
    }),
  );
  owned.add(
    parts.register(commands.signOut, async () => {
      const { signIn, profile } = await subject(parts, signIns);
      const { state, user, where } = await signIn.status();
      if (state === 'signedOut') throw new NothingToDo(`Nobody is signed in to PanDA (${profile.name}).`);
      const detail = `It is forgotten in ${where}, and with it by other programs that use it. Jobs go on.`;
      if (!(await confirm(`Sign ${user ?? 'out'} out of PanDA (${profile.name})?`, 'Sign out', detail)))
        return;
      await signIn.signOut();
      signIns.changed();
    }),
  );
  return owned;
}

async function subject(
  { profiles }: Parts,
  signIns: SignIns,
): Promise<{ readonly signIn: SignIn; readonly profile: Profile }> {
  if (!vscode.workspace.isTrusted) throw new RestrictedError();
  const { name, profile } = await profiles.resolve();
  const signIn = profile === undefined ? undefined : signIns.of(profile);
  if (profile !== undefined && signIn !== undefined) return { signIn, profile };
  const why = profile?.authentication.kind;
  const how =
    why === 'token' ? ' It uses a ready-made token.' : why === 'certificate' ? ' It uses a certificate.' : '';
  throw new NothingToDo(`The PanDA profile ${name} needs no sign-in.${how}`);
}
