import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';
import { report, StepError } from './console.ts';
import { cache } from './paths.ts';

/** The VS Code that `npm start` opens. */
export type EditorChoice =
  { readonly kind: 'desktop'; readonly executable: string } | { readonly kind: 'served' };

/** `DESC_PANDA_CODE`, else `code` on the PATH, else a download, else VS Code Server; the last where no display is. */
export async function chooseEditor(env: NodeJS.ProcessEnv): Promise<EditorChoice> {
  const named = env.DESC_PANDA_CODE;
  if (named === 'served') return { kind: 'served' };
  if (named !== undefined && named !== '') {
    const executable = isAbsolute(named) || named.includes(sep) ? runnable(named) : onPath(named, env);
    if (executable !== undefined) return { kind: 'desktop', executable };
    throw new StepError(
      `Could not open VS Code: DESC_PANDA_CODE names ${named}, which cannot be run.`,
      'Correct it, or set it to "served" for VS Code in the browser',
    );
  }
  if (!hasDisplay(env)) return { kind: 'served' };
  const code = onPath('code', env);
  if (code !== undefined) return { kind: 'desktop', executable: code };
  return download();
}

export function hasDisplay(env: NodeJS.ProcessEnv): boolean {
  if (process.platform === 'win32' || process.platform === 'darwin') return true;
  return [env.DISPLAY, env.WAYLAND_DISPLAY].some((display) => display !== undefined && display !== '');
}

async function download(): Promise<EditorChoice> {
  report('Downloading VS Code (there is no "code" on the PATH) …');
  try {
    const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron');
    const executable = await downloadAndUnzipVSCode({
      version: 'stable',
      cachePath: join(cache, 'vscode'),
      reporter: new SilentReporter(),
      timeout: 20_000,
    });
    return { kind: 'desktop', executable };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    report(`It cannot be downloaded (${why}); VS Code Server from npm is used instead.`);
    return { kind: 'served' };
  }
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const names = process.platform === 'win32' ? [`${name}.cmd`, `${name}.exe`] : [name];
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => names.map((file) => join(folder, file))).find((path) => runnable(path));
}

function runnable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}
