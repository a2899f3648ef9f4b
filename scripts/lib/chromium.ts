import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { report, StepError } from './console.ts';

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
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    installChromium();
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

function installChromium(): void {
  report("Installing Debian's chromium for the browser tests …");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
  ]) {
    const result = spawnSync('apt-get', args, { env, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
    if (result.status === 0) continue;
    throw new StepError(
      `Could not install chromium: apt-get ${args[0] ?? ''} said:\n${(result.stderr || result.stdout).trim()}`,
      'Install chromium by hand, or name one in CHROMIUM_PATH',
    );
  }
}
