import * as vscode from 'vscode';
import { SETTINGS_SECTION, type Settings } from '../contributions.ts';
import type { SettingsReader } from '../settings.ts';

/** The user's settings as they are now. */
export const settings: SettingsReader = {
  get: (key) => vscode.workspace.getConfiguration(SETTINGS_SECTION).get<unknown>(key),
};

/** Calls back when one of the settings changed. */
export function onDidChangeSettings(
  keys: readonly (keyof Settings)[],
  listener: () => void,
): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (keys.some((key) => event.affectsConfiguration(`${SETTINGS_SECTION}.${key}`))) listener();
  });
}

/** Writes a setting for the user, never into the workspace. */
export async function writeSetting<Key extends keyof Settings>(
  key: Key,
  value: Settings[Key],
): Promise<void> {
  await vscode.workspace
    .getConfiguration(SETTINGS_SECTION)
    .update(key, value, vscode.ConfigurationTarget.Global);
}
