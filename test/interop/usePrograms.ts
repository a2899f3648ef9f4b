import { failureText, StepError } from '../../scripts/lib/console.ts';
import { installed } from './programs/program.ts';
import type { InstalledProgram, InteropProgram } from './programs/program.ts';

const installLimitMs = 15 * 60_000;

/** The programs of one suite of tests. */
export interface Use {
  readonly suite: Mocha.Suite;
  readonly programs: readonly InteropProgram[];
  readonly versions: ReadonlyMap<InteropProgram, string>;
  /** Those that could not be installed, and what can be done about it. */
  readonly trouble: ReadonlyMap<InteropProgram, string>;
}

/** All of this run, for its table. */
export const uses: Use[] = [];

/**
 * Called in a `describe`, before all else: installs the programs before its tests, and has the result of each of these
 * told in the table. A program that cannot be installed fails the suite. Returns where the programs are, for hooks and tests.
 */
export function usePrograms(...programs: InteropProgram[]): (program: InteropProgram) => string {
  const found = new Map<InteropProgram, InstalledProgram>();
  before('install other programs', async function () {
    this.timeout(installLimitMs);
    const versions = new Map<InteropProgram, string>();
    const trouble = new Map<InteropProgram, string>();
    const suite = this.test?.parent;
    if (suite === undefined) throw new Error('usePrograms belongs in a describe');
    uses.push({ suite, programs, versions, trouble });
    for (const program of programs) {
      try {
        const ready = await installed(program);
        found.set(program, ready);
        versions.set(program, ready.version);
      } catch (error) {
        trouble.set(program, error instanceof StepError ? error.advice : String(error));
        throw withoutStack(`Could not install ${program.name}. ${failureText(error)}`);
      }
    }
  });
  return (program) => {
    const ready = found.get(program);
    if (ready === undefined) throw new Error(`${program.name} is not among the programs of this suite`);
    return ready.path;
  };
}

/** What to do about it is to be read, not where it came from. */
function withoutStack(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}
