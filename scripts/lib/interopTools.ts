import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { report, StepError } from './console.ts';
import { cache } from './paths.ts';

/** Other people's programs that we are tried against, by path. */
export interface InteropTools {
  /** An S3 server in Python that keeps everything in memory and believes every signature. */
  readonly moto: string;
  readonly s3cmd: string;
  readonly aws: string;
  /** An S3 server in Go that checks signatures, sums and expiry; undefined where Go is not here to build it. */
  readonly versitygw: string | undefined;
}

const folder = join(cache, 'interop');
const pythonPackages = ['moto[server,s3]==5.2.5', 's3cmd==2.4.0', 'awscli==1.46.3'];
const versitygwVersion = 'v1.8.0';

/** Installs what is missing below `.cache/interop`, from PyPI and the Go module proxy. */
export function requireInteropTools(): InteropTools {
  const programs = join(folder, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin');
  installPython(programs);
  return {
    moto: join(programs, 'moto_server'),
    s3cmd: join(programs, 's3cmd'),
    aws: join(programs, 'aws'),
    versitygw: installVersitygw(),
  };
}

function installPython(programs: string): void {
  const wanted = pythonPackages.join('\n');
  const stamp = join(folder, 'venv', `${encodeURIComponent(pythonPackages.join(' '))}.installed`);
  if (existsSync(stamp)) return;
  report('Installing moto, s3cmd and the AWS command line from PyPI …');
  rmSync(join(folder, 'venv'), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run('python3', ['-m', 'venv', join(folder, 'venv')], 'Install Python 3 with its venv module');
  run(join(programs, 'pip'), ['install', '--quiet', ...pythonPackages], 'Check that pip reaches PyPI');
  writeFileSync(stamp, wanted);
}

function installVersitygw(): string | undefined {
  const program = join(folder, `versitygw-${versitygwVersion}`, 'versitygw');
  if (existsSync(program)) return program;
  const go = findProgram('go') ?? findProgram('go', ['/usr/local/go/bin']);
  if (go === undefined) return undefined;
  report('Building versitygw with Go, once; this takes some minutes …');
  run(
    go,
    ['install', `github.com/versity/versitygw/cmd/versitygw@${versitygwVersion}`],
    'Check that Go reaches its module proxy',
    { GOBIN: join(folder, `versitygw-${versitygwVersion}`) },
  );
  return program;
}

/** rclone of the system; on Debian, root has it installed where there is none. Undefined where it cannot be had. */
export function findRclone(): string | undefined {
  const found = findProgram('rclone');
  if (found !== undefined || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return found;
  report("Installing Debian's rclone …");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'rclone'],
  ]) {
    if (spawnSync('apt-get', args, { env, stdio: 'ignore' }).status !== 0) return undefined;
  }
  return findProgram('rclone');
}

function findProgram(name: string, folders = (process.env.PATH ?? '').split(delimiter)): string | undefined {
  return folders
    .filter((place) => place !== '')
    .map((place) => join(place, name))
    .find((path) => existsSync(path));
}

function run(
  program: string,
  args: readonly string[],
  advice: string,
  env: Readonly<Record<string, string>> = {},
): void {
  const result = spawnSync(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status === 0) return;
  const why = result.error?.message ?? (result.stderr || result.stdout).trim().slice(-2000);
  throw new StepError(`${program} ${args[0] ?? ''} failed: ${why}`, advice);
}
