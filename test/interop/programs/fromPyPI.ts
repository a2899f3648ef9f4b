import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { report, StepError } from '../../../scripts/lib/console.ts';
import { canInstallDebianPackages, findProgram, installDebianPackages } from '../../../scripts/lib/debian.ts';
import { cache, root } from '../../../scripts/lib/paths.ts';
import { runQuietly } from '../../../scripts/lib/runQuietly.ts';

const limitMs = 5 * 60_000;
/** Offline, pip would try for minutes. */
const patience = ['--retries', '2', '--timeout', '20'];

/**
 * Installs packages (`moto[s3]==5.2.5`) in a Python environment of their own, once. Returns the folder of the environment:
 * programs are in `bin`.
 */
export async function installFromPyPI(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(cache, 'interop', name);
  const stamp = join(folder, `${encodeURIComponent(packages.join(' '))}.installed`);
  if (existsSync(stamp)) return folder;
  report(`Installing ${packages.join(', ')} from PyPI …`);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  await mkdir(folder, { recursive: true });
  await makeEnvironment(folder);
  await runQuietly(
    join(folder, 'bin', 'python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...patience, ...packages],
    root,
    `Check that pip reaches PyPI, and run this again`,
    { timeoutMs: limitMs },
  );
  await writeFile(stamp, '');
  return folder;
}

async function makeEnvironment(folder: string): Promise<void> {
  const advice = 'Install Python 3 with its venv module (python3-venv)';
  const make = (): Promise<void> =>
    runQuietly('python3', ['-m', 'venv', folder], root, advice, { timeoutMs: limitMs });
  if (findProgram('python3') === undefined && !canInstallDebianPackages()) {
    throw new StepError('Could not find python3.', advice);
  }
  try {
    await make();
  } catch (error) {
    // Debian keeps the module in a package of its own.
    if (!canInstallDebianPackages()) throw error;
    installDebianPackages(['python3-venv'], advice);
    await make();
  }
}
