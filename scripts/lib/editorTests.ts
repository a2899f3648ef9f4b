/** The tests of `test/editor`, bundled, and run inside a real VS Code: one that is named, else the served one. */
import { existsSync } from 'node:fs';
import { glob, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import esbuild from 'esbuild';
import { chromiumArguments, requireChromium } from './chromium.ts';
import { report, StepError } from './console.ts';
import { cache, root, testOutput } from './paths.ts';
import { startServedCode } from './servedCode.ts';
import { servedUserFolder, writeUserSettings } from './userSettings.ts';

/** Below the extension, so that VS Code takes it for ES modules, too. */
const bundleFolder = join(cache, 'editor-tests');

export interface EditorTestOptions {
  /** A new folder for everything of this run. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly resultsFile: string;
  readonly timeoutMs: number;
}

/** Runs them; the results file is there when they ran to the end. */
export async function runEditorTests(options: EditorTestOptions): Promise<void> {
  await bundleTests();
  const workspace = join(options.folder, 'workspace');
  await mkdir(workspace, { recursive: true });
  const desktop = options.env.DESC_PANDA_CODE;
  if (desktop !== undefined && desktop !== '' && desktop !== 'served') {
    await runInDesktop(desktop, workspace, options);
  } else {
    await runInServed(workspace, options);
  }
}

async function bundleTests(): Promise<void> {
  await rm(bundleFolder, { recursive: true, force: true });
  const entryPoints = [{ in: 'test/editor/index.ts', out: 'index' }];
  for await (const file of glob('test/editor/**/*.test.ts', { cwd: root })) {
    entryPoints.push({ in: file, out: basename(file, '.ts') });
  }
  await esbuild.build({
    entryPoints,
    absWorkingDir: root,
    outdir: bundleFolder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

async function runInDesktop(
  executable: string,
  workspace: string,
  options: EditorTestOptions,
): Promise<void> {
  const { runTests } = await import('@vscode/test-electron');
  const asRoot = process.getuid?.() === 0;
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: root,
    extensionTestsPath: join(bundleFolder, 'index.js'),
    extensionTestsEnv: { ...options.env, DESC_PANDA_TEST_RESULTS: options.resultsFile },
    launchArgs: [
      workspace,
      '--user-data-dir',
      join(options.folder, 'user-data'),
      '--disable-workspace-trust',
      ...(asRoot ? ['--no-sandbox'] : []),
    ],
  }).catch((error: unknown) => {
    // Failed tests are told by their results; only a VS Code that ran none is told here.
    if (!existsSync(options.resultsFile)) {
      throw new StepError(
        `Could not run the editor tests in ${executable}: ${String(error)}`,
        'Check DESC_PANDA_CODE',
      );
    }
  });
}

async function runInServed(workspace: string, options: EditorTestOptions): Promise<void> {
  const executablePath = requireChromium(options.env);
  const dataFolder = join(options.folder, 'server');
  await writeUserSettings(servedUserFolder(dataFolder), {});
  const logFile = join(testOutput, 'editor-server.log');
  const code = await startServedCode({
    dataFolder,
    extensionsFolder: join(options.folder, 'extensions'),
    logFile,
    env: { ...options.env, DESC_PANDA_TEST_RESULTS: options.resultsFile },
    token: undefined,
    testDriver: true,
  });
  try {
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({ executablePath, args: chromiumArguments });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      const payload = {
        extensionDevelopmentPath: code.uri(root),
        extensionTestsPath: code.uri(join(bundleFolder, 'index.js')),
      };
      await page.goto(code.url(workspace, payload));
      const ended = await appears(options.resultsFile, options.timeoutMs);
      await writeFile(join(testOutput, 'editor-console.log'), said.join('\n'));
      if (!ended) {
        await page.screenshot({ path: join(testOutput, 'editor-timeout.png') });
        report(
          `The editor tests did not end; see ${logFile}, editor-console.log and editor-timeout.png beside it.`,
        );
      }
    } finally {
      await browser.close();
    }
  } finally {
    await code.stop();
  }
}

async function appears(file: string, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (existsSync(file)) return true;
    await sleep(200);
  }
  return false;
}
