import { join } from 'node:path';
import { installFromPyPI } from './fromPyPI.ts';
import type { S3Program } from './s3Program.ts';

const version = '5.2.5';

/** An S3 server in Python that keeps everything in memory and believes every signature. */
export const moto: S3Program = {
  name: 'moto',
  strict: false,
  async install() {
    const environment = await installFromPyPI('moto', [`moto[server,s3]==${version}`]);
    return { path: join(environment, 'bin', 'moto_server'), version };
  },
  arguments: ({ port, tls }) => [
    ...['-H', '127.0.0.1', '-p', String(port)],
    ...(tls === undefined ? [] : ['-s', '-c', tls.cert, '-k', tls.key]),
  ],
};
