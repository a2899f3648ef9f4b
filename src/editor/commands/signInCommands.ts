import * as vscode from 'vscode';
import type { Profile, SignIn } from '../../panda/index.ts';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import type { SignInGate } from '../auth/signInGate.ts';
import type { SignIns } from '../auth/signIns.ts';
import { commands } from '../contributions.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import { RestrictedError } from '../sessions.ts';
import { confirm, pickOne, tell, type Choice } from '../vscode/prompts.ts';

/** "Sign in", "Sign out" and "Switch account", of the profile in use. */
export function registerSignInCommands(parts: Parts, signIns: SignIns, gate: SignInGate): Disposable {
  const owned = createDisposables();
  owned.add(
    parts.register(commands.signIn, async () => {
      const { signIn, profile } = await subject(parts, signIns);
      const { user } = await gate.signIn(signIn, profile.name);
      void tell('information', `Signed in to PanDA (${profile.name}) as ${user ?? 'somebody'}.`);
    }),
  );
  owned.add(
    parts.register(commands.signOut, async () => {
      const { signIn, profile } = await subject(parts, signIns);
      const { state, user } = await signIn.status();
      const used = (await signIn.accounts()).find(({ isUsed }) => isUsed);
      const where = used?.where ?? 'this editor';
      if (state === 'signedOut') throw new NothingToDo(`Nobody is signed in to PanDA (${profile.name}).`);
      const detail = `It is forgotten in ${where}, and with it by other programs that use it. Jobs go on.`;
      if (!(await confirm(`Sign ${user ?? 'out'} out of PanDA (${profile.name})?`, 'Sign out', detail)))
        return;
      await signIn.signOut();
      signIns.changed();
    }),
  );
  owned.add(
    parts.register(commands.switchAccount, async () => {
      const { signIn, profile } = await subject(parts, signIns);
      await switchAccount(signIn, profile.name, { signIns, gate });
    }),
  );
  return owned;
}

/** Lets the user choose as whom a profile is used, or sign in as somebody else. */
async function switchAccount(
  signIn: SignIn,
  name: string,
  { signIns, gate }: { readonly signIns: SignIns; readonly gate: SignInGate },
): Promise<void> {
  const accounts = await signIn.accounts();
  const choices: Choice<() => Promise<unknown>>[] = accounts.map(
    ({ isUsed, user, subject: who, state, where }) => ({
      label: `$(${isUsed ? 'check' : 'blank'}) ${user ?? 'somebody'}`,
      description: state === 'ended' ? 'the sign-in has ended' : '',
      detail: `$(blank) ${where}`,
      value: async () => {
        if (!isUsed) await signIn.use(who);
        if (state === 'ended') await gate.signIn(signIn, name);
        signIns.changed();
      },
    }),
  );
  choices.push({
    label: `$(sign-in) Sign in${accounts.length === 0 ? '' : ' as somebody else'}…`,
    value: () => gate.signIn(signIn, name),
  });
  const run = await pickOne(choices, { title: `Account of ${name}`, placeHolder: `Who ${name} is used as` });
  await run?.();
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
