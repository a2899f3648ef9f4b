/** Opens VS Code on the sample workspace, with the extension of this checkout and the Jobs view in sight. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { report, StepError } from './console.ts';
import { hasDisplay, type EditorChoice } from './editorChoice.ts';
import { cache, root } from './paths.ts';
import { startServedCode } from './servedCode.ts';
import { servedUserFolder, writeUserSettings } from './userSettings.ts';

const folder = join(cache, 'start');
const extensions = [root, join(root, 'scripts/show-jobs')];

/** Resolves when the editor was closed or the signal aborted, and everything of it has ended. */
export async function openEditor(
  choice: EditorChoice,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const workspace = await sampleWorkspace();
  if (choice.kind === 'desktop') await openDesktop(choice.executable, workspace, env, signal);
  else await openServed(workspace, env, signal);
}

/** A copy, which keeps what people do to it. */
async function sampleWorkspace(): Promise<string> {
  const workspace = join(folder, 'workspace');
  if (!existsSync(workspace))
    await cp(join(root, 'scripts/sample-workspace'), workspace, { recursive: true });
  return workspace;
}

/** The first time; afterwards the settings are the user's. */
async function settleIn(userFolder: string): Promise<void> {
  if (!existsSync(join(userFolder, 'settings.json'))) await writeUserSettings(userFolder, {});
}

async function openDesktop(
  executable: string,
  workspace: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  report(`Opening ${executable}; closing its window, or Ctrl-C here, ends everything.`);
  const userData = join(folder, 'user-data');
  await settleIn(join(userData, 'User'));
  const args = [
    ...extensions.map((path) => `--extensionDevelopmentPath=${path}`),
    `--user-data-dir=${userData}`,
    `--extensions-dir=${join(folder, 'user-extensions')}`,
    '--disable-workspace-trust',
    '--new-window',
    '--wait',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    workspace,
  ];
  const child = spawn(executable, args, { env, stdio: 'ignore', shell: process.platform === 'win32' });
  const onAbort = (): boolean => child.kill();
  signal.addEventListener('abort', onAbort);
  const [code] = (await once(child, 'exit').catch((error: unknown) => {
    throw new StepError(
      `Could not open ${executable}.`,
      'Set DESC_PANDA_CODE to a VS Code, or to "served"',
      error,
    );
  })) as [number | null];
  signal.removeEventListener('abort', onAbort);
  if (signal.aborted || code === 0) return;
  throw new StepError(
    `VS Code (${executable}) ended with exit code ${code ?? 'none'}.`,
    'Set DESC_PANDA_CODE to another VS Code, or to "served"',
  );
}

async function openServed(workspace: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const dataFolder = join(folder, 'server');
  await settleIn(servedUserFolder(dataFolder));
  const code = await startServedCode({
    dataFolder,
    extensionsFolder: await linkedExtensions(),
    logFile: join(folder, 'server.log'),
    env,
    token: randomBytes(24).toString('base64url'),
    testDriver: false,
  });
  try {
    const url = code.url(workspace);
    report(`VS Code: ${url}`);
    report('Stop with Ctrl-C.');
    if (hasDisplay(env)) openBrowser(url);
    await Promise.race([code.ended, aborted(signal)]);
    if (!signal.aborted) {
      throw new StepError('VS Code Server ended by itself.', `Read ${join(folder, 'server.log')}`);
    }
  } finally {
    await code.stop();
  }
}

/** Links to the extensions as they are here, under the names that VS Code gives to installed ones. */
async function linkedExtensions(): Promise<string> {
  const target = join(folder, 'extensions');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const path of extensions) {
    const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Record<string, string>;
    const name = `${manifest.publisher ?? ''}.${manifest.name ?? ''}-${manifest.version ?? ''}`;
    await symlink(path, join(target, name), process.platform === 'win32' ? 'junction' : 'dir');
  }
  return target;
}

function openBrowser(url: string): void {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => report(`${opener} cannot open a browser; open the address by hand.`));
  child.unref();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
