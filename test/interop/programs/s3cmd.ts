import { join } from 'node:path';
import { installFromPyPI } from './fromPyPI.ts';
import type { InteropProgram } from './program.ts';

const version = '2.4.0';

/** An S3 client in Python, of many years' standing. */
export const s3cmd: InteropProgram = {
  name: 's3cmd',
  async install() {
    const environment = await installFromPyPI('s3cmd', [`s3cmd==${version}`]);
    return { path: join(environment, 'bin', 's3cmd'), version };
  },
};
