import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { report, StepError } from './console.ts';

const limitMs = 5 * 60_000;

/** Whether packages can be installed here: this is Debian, and we are root. */
export function canInstallDebianPackages(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/** Installs packages of Debian, saying so; `advice` is what to do where that fails. */
export function installDebianPackages(packages: readonly string[], advice: string): void {
  report(`Installing Debian's ${packages.join(', ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const result = spawnSync('apt-get', args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      timeout: limitMs,
    });
    if (result.status === 0) continue;
    const said = result.error?.message ?? (result.stderr || result.stdout).trim();
    throw new StepError(
      `Could not install ${packages.join(', ')}: apt-get ${args[0] ?? ''} said:\n${said}`,
      advice,
    );
  }
}

/** Where a program lies, on the PATH or in the folders given; undefined where it is not. */
export function findProgram(
  name: string,
  folders = (process.env.PATH ?? '').split(delimiter),
): string | undefined {
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
