import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './paths.ts';

/** Runs a JavaScript tool of `node_modules` with this Node; its output is ours. Returns the exit code. */
export async function runTool(
  script: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  return runProcess(process.execPath, [join(root, script), ...args], options);
}

/** Runs a program in the checkout with our output and no input; a program that a signal ended counts as 1. */
export async function runProcess(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const child = spawn(program, args, {
    cwd: root,
    env: options.env ?? process.env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
