import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StepError } from './console.ts';
import { canInstallDebianPackages, installDebianPackages } from './debian.ts';

/** What Chromium needs to run in containers, quietly, and without asking the world. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'chrome.exe',
];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The Chromium that tests drive; on Debian, root has it installed where there is none. */
export function requireChromium(env: NodeJS.ProcessEnv): string {
  const named = env.CHROMIUM_PATH;
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named;
    throw new StepError(
      `Could not use Chromium: CHROMIUM_PATH names ${named}, which cannot be run.`,
      'Correct it',
    );
  }
  const found = findChromium(env);
  if (found !== undefined) return found;
  if (canInstallDebianPackages()) {
    installDebianPackages(
      ['chromium', 'fonts-dejavu-core'],
      'Install chromium by hand, or name one in CHROMIUM_PATH',
    );
    const installed = findChromium(env);
    if (installed !== undefined) return installed;
  }
  throw new StepError(
    'Could not find Chromium, which the editor and browser tests drive.',
    'Install chromium or Chrome, or name it in CHROMIUM_PATH; "npm test -- unit" does without',
  );
}

function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...candidates, ...places].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
