import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './paths.ts';

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** The program, and whatever it started in its group, is killed after this many milliseconds. */
  readonly timeoutMs?: number;
}

/** Runs a JavaScript tool of `node_modules` with this Node; its output is ours. Returns the exit code. */
export async function runTool(
  script: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  return runProcess(process.execPath, [join(root, script), ...args], options);
}

/** Runs a program in the checkout with our output and no input; one that a signal ended counts as exit code 1. */
export async function runProcess(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  const group = options.timeoutMs !== undefined && process.platform !== 'win32';
  const child = spawn(program, args, {
    cwd: root,
    env: options.env ?? process.env,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: group,
  });
  const kill = (signal: NodeJS.Signals): void => {
    if (!group || child.pid === undefined) child.kill(signal);
    else process.kill(-child.pid, signal);
  };
  // A group of its own hears nothing of Ctrl-C at our terminal.
  const onInterrupt = (): void => kill('SIGTERM');
  if (group) process.on('SIGINT', onInterrupt);
  const late =
    options.timeoutMs === undefined ? undefined : setTimeout(() => kill('SIGKILL'), options.timeoutMs);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? 1));
    });
  } finally {
    clearTimeout(late);
    process.off('SIGINT', onInterrupt);
  }
}
