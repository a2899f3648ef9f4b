import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { root } from '../../../scripts/lib/paths.ts';
import { runQuietly } from '../../../scripts/lib/runQuietly.ts';
import { installFromPyPI } from './fromPyPI.ts';
import type { InteropProgram } from './program.ts';

/** Of January 2024, the last one on PyPI. */
const version = '3.7.0.36';
const advice = 'Check that pip reaches PyPI, and run this again';

/** The pilot of PanDA's grid sites; `path` is its `source/pilot.py`, for the interpreter in `bin` beside that folder. */
export const pandaPilot: InteropProgram = {
  name: 'panda-pilot',
  async install() {
    const requirement = `panda-pilot==${version}`;
    const environment = await installFromPyPI('panda-pilot', [requirement]);
    const source = join(environment, 'source');
    const path = join(source, 'pilot.py');
    if (!existsSync(path)) await unpackSource(requirement, join(environment, 'bin', 'python'), source);
    return { path, version };
  },
};

/** The program itself is only in the source distribution, beside the package that it wants there. */
async function unpackSource(requirement: string, python: string, source: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'panda-pilot-'));
  const limit = { timeoutMs: 5 * 60_000 };
  try {
    const download = ['download', '--quiet', '--no-deps', '--no-binary', ':all:', '--dest', folder];
    await runQuietly(python, ['-m', 'pip', ...download, requirement], root, advice, limit);
    const archive = join(folder, `panda-pilot-${version}.tar.gz`);
    await mkdir(source, { recursive: true });
    await runQuietly('tar', ['-xzf', archive, '-C', source, '--strip-components=1'], root, advice, limit);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
