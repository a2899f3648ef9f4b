/** A served VS Code with the built extension on a workspace and a PanDA home of its own, and a browser window on it. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumArguments, requireChromium } from '../../scripts/lib/chromium.ts';
import { dist, root, testOutput } from '../../scripts/lib/paths.ts';
import { stopSandboxesBelow } from '../../scripts/lib/sandboxes.ts';
import { runQuietly } from '../../scripts/lib/runQuietly.ts';
import { installServedCode, type ServedCode, startServedCode } from '../../scripts/lib/servedCode.ts';
import { servedUserFolder, writeUserSettings } from '../../scripts/lib/userSettings.ts';
import { packageExtension } from '../../scripts/lib/vsix.ts';
import { BUSY_MS, Workbench } from './workbench.ts';

export interface HarnessOptions {
  /** Names the server's log and the screenshots of failures. */
  readonly name: string;
  /** Content by path below the workspace; a `#!` line makes a file executable. */
  readonly files?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * Settings of the scope `machine`, asked for when the window opens: VS Code forgets those of a user as soon as another
   * one changes.
   */
  readonly machineSettings?: () => Readonly<Record<string, unknown>>;
  /** More variables for the window and for `cli`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Installs the packed extension instead of loading the one in `dist`. */
  readonly packed?: boolean;
}

/** What a run of the command line gave. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Harness {
  readonly workspace: string;
  /** `DESC_PANDA_HOME` of the window and of `cli`. */
  readonly home: string;
  readonly page: Page;
  readonly workbench: Workbench;
  /** A second window on the same workspace, as another tab of the same browser. */
  readonly openWindow: () => Promise<Workbench>;
  /** Runs the built command line on the same home. */
  readonly cli: (...args: string[]) => Promise<CliResult>;
  /** Saves what the window shows to `test-output/screenshots`. */
  readonly screenshot: (name: string) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

const screenshots = join(testOutput, 'screenshots');

export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'desc-panda-window-'));
  const workspace = join(folder, 'workspace');
  const home = join(folder, 'home');
  const dataFolder = join(folder, 'server');
  const env = { ...process.env, DESC_PANDA_HOME: home, DESC_PANDA_PROFILE: 'sandbox', ...options.env };
  await writeFiles(workspace, options.files ?? {});
  await writeUserSettings(servedUserFolder(dataFolder), options.settings ?? {});
  await writeFiles(join(dataFolder, 'data', 'Machine'), {
    'settings.json': JSON.stringify(options.machineSettings?.() ?? {}),
  });
  await mkdir(screenshots, { recursive: true });

  let code: ServedCode | undefined;
  let browser: Browser | undefined;
  const dispose = async (): Promise<void> => {
    await browser?.close();
    await code?.stop();
    await stopSandboxesBelow(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const extensionsFolder = join(folder, 'extensions');
    if (options.packed === true) await installPacked(folder, dataFolder, extensionsFolder);
    code = await startServedCode({
      dataFolder,
      extensionsFolder,
      logFile: join(testOutput, `${options.name}-server.log`),
      env,
      token: undefined,
      testDriver: true,
    });
    browser = await chromium.launch({
      executablePath: requireChromium(process.env),
      args: chromiumArguments,
    });
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(BUSY_MS);
    const payload = options.packed === true ? {} : { extensionDevelopmentPath: code.uri(root) };
    const address = code.url(workspace, payload);
    const openWindow = async (): Promise<Workbench> => {
      const opened = new Workbench(await context.newPage());
      await opened.page.goto(address);
      await opened.ready();
      return opened;
    };
    const workbench = await openWindow();
    const { page } = workbench;
    return {
      workspace,
      home,
      page,
      workbench,
      openWindow,
      cli: (...args) => runCli(args, env),
      screenshot: async (name) => void (await page.screenshot({ path: join(screenshots, `${name}.png`) })),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Registers hooks around the tests of a `describe`: one window for all, and a picture of each failure. */
export function useHarness(options: HarnessOptions): () => Harness {
  let harness: Harness | undefined;
  const get = (): Harness => {
    if (harness === undefined) throw new Error('the window is not open');
    return harness;
  };
  before(async () => {
    harness = await startHarness(options);
  });
  afterEach(async function () {
    const test = this.currentTest;
    if (test?.state !== 'failed') return;
    await get().screenshot(`failed-${options.name}-${test.title.replace(/\W+/g, '-').slice(0, 60)}`);
  });
  after(async () => {
    await harness?.dispose();
  });
  return get;
}

async function installPacked(folder: string, dataFolder: string, extensionsFolder: string): Promise<void> {
  const vsix = join(folder, 'desc-panda.vsix');
  await packageExtension(vsix);
  const server = await installServedCode();
  const folders = ['--server-data-dir', dataFolder, '--extensions-dir', extensionsFolder];
  const args = [server, '--accept-server-license-terms', ...folders, '--install-extension', vsix];
  await runQuietly(process.execPath, args, folder, 'Read what VS Code says above');
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    if (content.startsWith('#!')) await chmod(path, 0o755);
  }
}

function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<CliResult> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(dist, 'cli/main.js'), ...args], { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
}
