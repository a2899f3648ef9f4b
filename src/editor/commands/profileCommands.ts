import * as vscode from 'vscode';
import { commands } from '../contributions.ts';
import type { Parts } from '../parts.ts';
import { profileName, profileNames, SANDBOX_PROFILE } from '../profiles.ts';
import { pickOne, type Choice } from '../vscode/prompts.ts';
import { writeSetting } from '../vscode/settings.ts';

/** "Switch profile": which PanDA the window talks to. */
export function registerProfileCommands({ register, settings }: Parts): vscode.Disposable {
  return register(commands.switchProfile, async () => {
    const now = profileName(settings);
    const choices: Choice<() => Thenable<unknown>>[] = profileNames(settings).map((name) => ({
      label: `$(${name === now ? 'check' : 'blank'}) ${name}`,
      description: name === SANDBOX_PROFILE ? 'a PanDA on this machine' : '',
      value: () => (name === now ? Promise.resolve() : writeSetting('profile', name)),
    }));
    choices.push({
      label: '$(gear) Configure profiles…',
      value: () => vscode.commands.executeCommand('workbench.action.openSettings', 'descPanda.profiles'),
    });
    const run = await pickOne(choices, { title: 'Switch profile', placeHolder: 'Profile to use' });
    await run?.();
  });
}
