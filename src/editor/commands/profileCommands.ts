import * as vscode from 'vscode';
import { listProfiles, type ProfileChoice } from '../../panda/index.ts';
import type { SignIns } from '../auth/signIns.ts';
import { commands } from '../contributions.ts';
import type { Parts } from '../parts.ts';
import { pickOne, type Choice } from '../vscode/prompts.ts';
import { writeSetting } from '../vscode/settings.ts';

type Action = Choice<() => Thenable<unknown>>;

/** "Switch profile": which PanDA the window talks to. */
export function registerProfileCommands(
  { register, profiles, sessions }: Parts,
  signIns: SignIns,
): vscode.Disposable {
  return register(commands.switchProfile, async () => {
    const inputs = await profiles.inputs();
    const now = profiles.last?.name;
    const isAutomatic = inputs.wishes.every(({ name }) => name === undefined);
    const choices: Action[] = await Promise.all(
      listProfiles(inputs).map(async (choice): Promise<Action> => {
        const facts = [choice.profile?.server, await signInText(choice, signIns)];
        const detail = facts.filter((fact) => fact !== undefined).join(' · ');
        return {
          label: `$(${choice.name === now ? 'check' : 'blank'}) ${choice.name}`,
          description: choice.title,
          ...(detail === '' ? {} : { detail: `$(blank) ${detail}` }),
          value: () => writeSetting('profile', choice.name),
        };
      }),
    );
    choices.push({
      label: `$(${isAutomatic ? 'check' : 'blank'}) Choose by itself`,
      description: 'the environment where PANDA_URL_SSL is set, else the sandbox',
      value: () => writeSetting('profile', ''),
    });
    choices.push({
      label: '$(gear) Configure profiles…',
      value: () => vscode.commands.executeCommand('workbench.action.openSettings', 'descPanda.profiles'),
    });
    const state = await sessions.current?.signIn?.status();
    if (state?.state === 'signedIn') choices.push(accountChoice(state.user), signOutChoice(now ?? ''));
    else if (state !== undefined) choices.unshift(signInChoice(now ?? ''));
    const run = await pickOne(choices, { title: 'Switch profile', placeHolder: 'Profile to use' });
    await run?.();
  });
}

function signInChoice(name: string): Action {
  const value = () => vscode.commands.executeCommand(commands.signIn);
  return { label: `$(sign-in) Sign in to ${name}`, value };
}

function accountChoice(user: string | undefined): Action {
  const value = () => vscode.commands.executeCommand(commands.switchAccount);
  return { label: '$(account) Switch account…', description: user ?? '', value };
}

function signOutChoice(name: string): Action {
  const value = () => vscode.commands.executeCommand(commands.signOut);
  return { label: `$(sign-out) Sign out of ${name}`, value };
}

async function signInText({ profile }: ProfileChoice, signIns: SignIns): Promise<string | undefined> {
  const signIn = profile === undefined ? undefined : signIns.of(profile);
  if (signIn === undefined) return undefined;
  // A folder that cannot be read is told of where the profile is used.
  const status = await signIn.status().catch(() => undefined);
  if (status === undefined) return undefined;
  return status.state === 'signedIn' ? `signed in as ${status.user ?? 'somebody'}` : 'signed out';
}
