/**
 * Shows the whole once: builds, starts the sandbox, runs HelloPanda on it with its states and log in the terminal, and
 * opens VS Code with the job in its tree. `--no-editor` ends after the job, with exit code 0 only if it finished. Other
 * arguments go to HelloPanda: `npm start -- --no-editor --code 3` shows a payload that fails.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildIfStale } from './lib/build.ts';
import { main, report, StepError } from './lib/console.ts';
import { chooseEditor } from './lib/editorChoice.ts';
import { openEditor } from './lib/openEditor.ts';
import { dist } from './lib/paths.ts';
import { runProcess } from './lib/run.ts';

const cli = join(dist, 'cli/main.js');
/** Whatever PanDA the shell points at. */
const env = { ...process.env, DESC_PANDA_PROFILE: 'sandbox' };

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort());

await main(async () => {
  const args = process.argv.slice(2);
  const noEditor = args.includes('--no-editor');
  const helloArguments = args.filter((arg) => arg !== '--no-editor');
  await build();
  const ranBefore = await sandboxRuns();
  try {
    const finished = await hello(helloArguments);
    if (!finished) process.exitCode = 1;
    if (noEditor || stopped.signal.aborted) return;
    report('');
    await openEditor(await chooseEditor(env), env, stopped.signal);
  } finally {
    if (!ranBefore) await runCli('sandbox', 'stop');
  }
});

async function build(): Promise<void> {
  const begun = performance.now();
  if (await buildIfStale({ production: false })) {
    report(`Built in ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
  }
}

/** A sandbox that ran before is left running. */
async function sandboxRuns(): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'sandbox', 'status', '--json']);
    const status: unknown = JSON.parse(stdout);
    return typeof status === 'object' && status !== null && 'running' in status && status.running === true;
  } catch {
    // Whatever is wrong with it, starting it says so.
    return false;
  }
}

async function hello(args: readonly string[]): Promise<boolean> {
  const started = await runCli('sandbox', 'start');
  if (started !== 0)
    throw new StepError('Could not start the sandbox.', 'Mend what it says above, and start again');
  const extra = args.length > 0 ? ['--', ...args] : [];
  const code = await runCli('submit', '--hello', '--wait', '--follow', ...extra);
  // 1 is a job that ended badly, which one may want to look at; all others mean that there is none.
  if (code <= 1 || stopped.signal.aborted) return code === 0;
  throw new StepError(
    `Could not run HelloPanda (exit code ${code}).`,
    'Mend what it says above, and start again',
  );
}

function runCli(...args: string[]): Promise<number> {
  return runProcess(process.execPath, [cli, ...args], { env });
}
