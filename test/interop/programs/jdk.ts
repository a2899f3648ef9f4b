import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { StepError } from '../../../scripts/lib/console.ts';
import { canInstallDebianPackages, findProgram, installDebianPackages } from '../../../scripts/lib/debian.ts';
import type { InteropProgram } from './program.ts';

const oldest = 17;
const advice = `Install a JDK, ${oldest} or later, with javac on the PATH`;

/** Java's compiler, its machine, and its registry for remote objects; `path` is the folder of all of them. */
export const jdk: InteropProgram = {
  name: 'Java (JDK)',
  async install() {
    if (findProgram('javac') === undefined && canInstallDebianPackages()) {
      installDebianPackages(['default-jdk-headless'], advice);
    }
    const compiler = findProgram('javac');
    if (compiler === undefined) throw new StepError('Could not find javac.', advice);
    const { stdout } = await promisify(execFile)(compiler, ['-version']);
    const version = stdout.trim().replace('javac ', '');
    if (Number.parseInt(version) < oldest) throw new StepError(`javac is of version ${version}.`, advice);
    return { path: dirname(await realpath(compiler)), version };
  },
};
