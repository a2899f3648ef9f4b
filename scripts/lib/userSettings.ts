import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A window with nothing in it but what is being shown. */
const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'telemetry.telemetryLevel': 'off',
};

/** Writes a user's settings: those of a quiet window, and the given ones. The folder is VS Code's `User`. */
export async function writeUserSettings(
  folder: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ ...quiet, ...settings }, undefined, 2));
}

/** Where VS Code Server keeps the user's things. */
export function servedUserFolder(dataFolder: string): string {
  return join(dataFolder, 'data', 'User');
}
