import { spawn } from 'node:child_process';
import { StepError } from './console.ts';

const windows = process.platform === 'win32';

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
): Promise<void> {
  // Windows runs `.cmd` files only through its shell.
  const shell = program.endsWith('.cmd');
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], shell });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-4000)));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return;
  const call = [program, ...args].join(' ');
  throw new StepError(
    `Could not run ${call}: it ended with exit code ${code ?? 'none'}.\n${said.trim()}`,
    advice,
  );
}
