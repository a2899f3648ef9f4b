import { join } from 'node:path';
import { installFromPyPI } from './fromPyPI.ts';
import type { InteropProgram } from './program.ts';

const version = '0.5.post1';

/** The data catalog's own client in Python; `path` is the interpreter that knows it. */
export const datacatClient: InteropProgram = {
  name: 'datacat',
  async install() {
    const environment = await installFromPyPI('datacat', [`datacat==${version}`, 'requests', 'six']);
    return { path: join(environment, 'bin', 'python'), version };
  },
};
