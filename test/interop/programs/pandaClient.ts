import { join } from 'node:path';
import { installFromPyPI } from './fromPyPI.ts';
import type { InteropProgram } from './program.ts';

const version = '2.2.0';

/** PanDA's own client in Python; `path` is the interpreter that knows it. */
export const pandaClient: InteropProgram = {
  name: 'panda-client',
  async install() {
    const environment = await installFromPyPI('panda-client', [`panda-client==${version}`]);
    return { path: join(environment, 'bin', 'python'), version };
  },
};
