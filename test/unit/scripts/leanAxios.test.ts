import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import esbuild from 'esbuild';
import type { Metafile } from 'esbuild';
import { programOptions } from '../../../scripts/lib/build.ts';
import { root } from '../../../scripts/lib/paths.ts';

/** A program on our client: asks for a sign of life, and uploads a file. */
const source = `
  import { createPandaClient, parseProfile } from './src/panda/index.ts';
  const [, , server, caFile] = process.argv;
  const settings = { server, caFile, vo: 'test', user: 'me', authentication: { kind: 'none' } };
  const client = createPandaClient(parseProfile('test', settings).profile);
  await client.system.isAlive();
  await client.files.uploadCacheFile('input.bin', Buffer.alloc(100_000, 'x'));
  client.dispose();
`;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly size: number;
}

describe('a bundle with less of axios', () => {
  const fixture = (name: string): string => join(root, 'test/fixtures/tls', name);
  const calls: Call[] = [];
  const server = createServer(
    { key: readFileSync(fixture('server-key.pem')), cert: readFileSync(fixture('server.pem')) },
    (request, response) => {
      let size = 0;
      request.on('data', (part: Buffer) => (size += part.length));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        calls.push({ method, path, type: headers['content-type'] ?? '', size });
        response.writeHead(200, { 'Content-Encoding': 'gzip' });
        response.end(gzipSync(JSON.stringify({ success: true, message: '', data: null })));
      });
    },
  );
  let folder: string;
  let metafile: Metafile;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desc-panda-bundle-'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const built = await esbuild.build({
      ...programOptions,
      absWorkingDir: root,
      stdin: { contents: source, resolveDir: root, sourcefile: 'program.ts' },
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      metafile: true,
      logLevel: 'warning',
    });
    metafile = built.metafile;
  });

  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  it('calls, uploads and reads compressed answers over HTTPS', async () => {
    const { port } = server.address() as AddressInfo;
    const words = [join(folder, 'stdin.mjs'), `https://localhost:${port}`, fixture('ca.pem')];
    await promisify(execFile)(process.execPath, words);
    assert.deepEqual(
      calls.map(({ method, path }) => `${method} ${path}`),
      ['GET /api/v1/system/is_alive', 'POST /api/v1/file_server/upload_cache_file'],
    );
    const [, upload] = calls;
    assert.match(upload?.type ?? '', /^multipart\/form-data; boundary=/);
    assert.ok((upload?.size ?? 0) > 100_000);
  });

  it('leaves out what is never used', () => {
    const imported = Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.map(({ path }) => path),
    );
    assert.ok(imported.includes('https'));
    assert.ok(!imported.includes('http2'));
    const inputs = Object.keys(metafile.inputs);
    assert.ok(inputs.some((input) => input.endsWith('axios/lib/adapters/http.js')));
    assert.deepEqual(
      inputs.filter((input) => input.includes('node_modules/form-data/')),
      [],
    );
  });
});
