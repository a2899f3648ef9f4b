import * as vscode from 'vscode';
import { listProfiles } from '../../panda/index.ts';
import { commands } from '../contributions.ts';
import type { Parts } from '../parts.ts';
import { pickOne, type Choice } from '../vscode/prompts.ts';
import { writeSetting } from '../vscode/settings.ts';

/** "Switch profile": which PanDA the window talks to. */
export function registerProfileCommands({ register, profiles }: Parts): vscode.Disposable {
  return register(commands.switchProfile, async () => {
    const inputs = await profiles.inputs();
    const now = profiles.last?.name;
    const isAutomatic = inputs.wishes.every(({ name }) => name === undefined);
    const choices: Choice<() => Thenable<unknown>>[] = listProfiles(inputs).map((choice) => ({
      label: `$(${choice.name === now ? 'check' : 'blank'}) ${choice.name}`,
      description: choice.title,
      ...(choice.server === undefined ? {} : { detail: `$(blank) ${choice.server}` }),
      value: () => writeSetting('profile', choice.name),
    }));
    choices.push({
      label: `$(${isAutomatic ? 'check' : 'blank'}) Choose by itself`,
      description: 'the environment where PANDA_URL_SSL is set, else the sandbox',
      value: () => writeSetting('profile', ''),
    });
    choices.push({
      label: '$(gear) Configure profiles…',
      value: () => vscode.commands.executeCommand('workbench.action.openSettings', 'descPanda.profiles'),
    });
    const run = await pickOne(choices, { title: 'Switch profile', placeHolder: 'Profile to use' });
    await run?.();
  });
}
