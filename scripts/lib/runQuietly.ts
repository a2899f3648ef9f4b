import { spawn } from 'node:child_process';
import { StepError } from './console.ts';

const windows = process.platform === 'win32';

export interface QuietOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** The program, and whatever it started in its group, is killed after this many milliseconds. */
  readonly timeoutMs?: number;
}

/** Runs npm in a folder; its own words come only with the error. */
export async function npm(folder: string, args: readonly string[]): Promise<void> {
  const all = [...args, '--no-audit', '--no-fund', '--loglevel=error'];
  await runQuietly(
    windows ? 'npm.cmd' : 'npm',
    all,
    folder,
    'Check the network and the disk, and run this again',
  );
}

/** Runs a program in a folder; what it says comes only with the error. */
export async function runQuietly(
  program: string,
  args: readonly string[],
  folder: string,
  advice: string,
  { env = process.env, timeoutMs }: QuietOptions = {},
): Promise<void> {
  const group = timeoutMs !== undefined && !windows;
  // Windows runs `.cmd` files only through its shell.
  const shell = program.endsWith('.cmd');
  const child = spawn(program, args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell,
    detached: group,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-4000)));
  }
  let late = false;
  const timer = setTimeout(
    () => {
      late = true;
      if (group && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    },
    timeoutMs ?? 2 ** 31 - 1,
  );
  const call = [program, ...args].join(' ');
  let code: number | null;
  try {
    code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
  } catch (error) {
    throw new StepError(`Could not run ${call}: ${String(error)}.`, advice, error);
  } finally {
    clearTimeout(timer);
  }
  if (code === 0) return;
  const end = late
    ? `it did not end within ${Math.round((timeoutMs ?? 0) / 1000)} s`
    : `it ended with exit code ${code ?? 'none'}`;
  throw new StepError(`Could not run ${call}: ${end}.\n${said.trim()}`, advice);
}
