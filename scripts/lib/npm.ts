import { spawn } from 'node:child_process';
import { StepError } from './console.ts';

/** Runs npm in a folder, quietly; its own words come with the error. */
export async function npm(folder: string, args: readonly string[]): Promise<void> {
  const windows = process.platform === 'win32';
  const child = spawn(windows ? 'npm.cmd' : 'npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: windows,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-4000)));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return;
  throw new StepError(
    `Could not run npm ${args.join(' ')}: it ended with exit code ${code ?? 'none'}.\n${said.trim()}`,
    'Check the network and the disk, and run this again',
  );
}
