import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StepError } from '../../../scripts/lib/console.ts';
import { canInstallDebianPackages, findProgram, installDebianPackages } from '../../../scripts/lib/debian.ts';
import type { InteropProgram } from './program.ts';

/** What fetches and puts files on worker nodes: the machine's own. */
export const curl: InteropProgram = {
  name: 'curl',
  async install() {
    if (findProgram('curl') === undefined && canInstallDebianPackages()) {
      installDebianPackages(['curl'], 'Install curl');
    }
    const path = findProgram('curl');
    if (path === undefined) throw new StepError('Could not find curl.', 'Install curl');
    const { stdout } = await promisify(execFile)(path, ['--version']);
    return { path, version: stdout.split(' ')[1] ?? 'unknown' };
  },
};
