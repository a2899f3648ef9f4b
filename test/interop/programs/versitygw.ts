import { installFromGo } from './fromGo.ts';
import type { S3Program } from './s3Program.ts';

const version = 'v1.8.0';

/** An S3 server in Go that keeps objects as files, and checks signatures, sums and expiry as S3 does. */
export const versitygw: S3Program = {
  name: 'versitygw',
  strict: true,
  async install() {
    const module = 'github.com/versity/versitygw';
    return { path: await installFromGo('versitygw', module, 'cmd/versitygw', version), version };
  },
  arguments: ({ port, folder, accessKeyId, secretAccessKey, tls }) => [
    ...['--port', `127.0.0.1:${port}`, '--access', accessKeyId, '--secret', secretAccessKey],
    ...['--quiet', '--keep-alive'],
    ...(tls === undefined ? [] : ['--cert', tls.cert, '--key', tls.key]),
    ...['posix', folder],
  ],
};
