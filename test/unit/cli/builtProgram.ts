import { copyFile, glob, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { programOptions } from '../../../scripts/lib/build.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The program as users get it, built into a folder of its own, so that tests need no other build. */
export interface BuiltProgram {
  /** `dist/cli/main.js` */
  readonly entry: string;
  dispose(): Promise<void>;
}

export async function buildProgram(): Promise<BuiltProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'desc-panda-program-'));
  const dist = join(folder, 'dist');
  await esbuild.build({
    ...programOptions,
    absWorkingDir: root,
    entryPoints: [
      { in: 'src/cli/main.ts', out: 'cli/main' },
      { in: 'src/sandbox/main.ts', out: 'sandbox/main' },
      { in: 'src/sandbox/pilot/main.ts', out: 'sandbox/pilot' },
      { in: 'src/pipeline/mail/courier/main.ts', out: 'pipeline/courier' },
      // Beside the shared parts that start it.
      { in: 'src/staging/transfer/fileThread.ts', out: 'fileThread' },
    ],
    outdir: dist,
    bundle: true,
    metafile: true,
    logLevel: 'warning',
  });
  await mkdir(join(dist, 'payloads'));
  for await (const script of glob('src/transformations/*/*.{sh,py}', { cwd: root })) {
    await copyFile(join(root, script), join(dist, 'payloads', basename(script)));
  }
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  return {
    entry: join(dist, 'cli', 'main.js'),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
