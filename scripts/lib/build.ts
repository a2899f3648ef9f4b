import { existsSync } from 'node:fs';
import { chmod, copyFile, glob, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import esbuild from 'esbuild';
import { writeClientTypes } from './clientTypes.ts';
import { report, StepError } from './console.ts';
import { doors } from './doors.ts';
import { leanAxios } from './leanAxios.ts';
import { licenceTexts } from './licences.ts';
import { dist, root } from './paths.ts';
import { requiredBuiltins } from './requiredBuiltins.ts';
import { withoutKeys } from './withoutKeys.ts';

export interface Settings {
  /** Minified and without source maps. */
  readonly production: boolean;
  /** Where the output goes instead of `dist`. */
  readonly folder?: string;
}

/** One call of esbuild: its name (of the metafile, too), entries as `[source, output without extension]`, and options. */
interface Bundle {
  readonly name: string;
  readonly entries: readonly (readonly [string, string])[];
  readonly options: esbuild.BuildOptions;
}

/** CommonJS packages in an ES module ask for `require`. */
const requireBanner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const host: esbuild.BuildOptions = {
  platform: 'node',
  format: 'esm',
  target: 'node22',
  splitting: true,
  mainFields: ['module', 'main'],
  banner: { js: requireBanner },
  plugins: [doors, leanAxios, withoutKeys],
};

/** What Node itself runs. */
export const programOptions: esbuild.BuildOptions = {
  ...host,
  plugins: [...(host.plugins ?? []), requiredBuiltins],
};

/** Only the editor's bundle knows `vscode`: anywhere else an import of it breaks the build. */
const bundles: readonly Bundle[] = [
  {
    name: 'editor',
    entries: [
      ['src/editor/extension.ts', 'editor/extension'],
      ['src/editor/language/checkWorker.ts', 'editor/checkWorker'],
      ['src/staging/transfer/fileThread.ts', 'editor/fileThread'],
    ],
    options: { ...host, external: ['vscode'], chunkNames: 'editor/[name]-[hash]' },
  },
  {
    name: 'programs',
    entries: [
      ['src/cli/main.ts', 'cli/main'],
      ['src/sandbox/main.ts', 'sandbox/main'],
      ['src/sandbox/pilot/main.ts', 'sandbox/pilot'],
      ['src/pipeline/mail/courier/main.ts', 'pipeline/courier'],
      // Beside the chunks, as those start it.
      ['src/staging/transfer/fileThread.ts', 'shared/fileThread'],
    ],
    options: { ...programOptions, chunkNames: 'shared/[name]-[hash]' },
  },
  {
    name: 'client',
    entries: [['src/panda/index.ts', 'client/index']],
    options: { ...programOptions, chunkNames: 'client/[name]-[hash]' },
  },
  {
    name: 'webview',
    entries: [
      ['webview/panel.ts', 'webview/panel'],
      ['webview/panel.css', 'webview/panel'],
      ['webview/usage/plots.ts', 'webview/usage'],
      ['webview/summary/main.ts', 'webview/summary'],
      ['webview/summary/summary.css', 'webview/summary'],
      ['webview/fits/fits.ts', 'webview/fits'],
      ['webview/fits/fits.css', 'webview/fits'],
    ],
    options: {
      platform: 'browser',
      format: 'iife',
      target: 'chrome120',
      loader: { '.ttf': 'file', '.svg': 'dataurl' },
      assetNames: 'webview/[name]',
    },
  },
];

const stampFile = join('meta', 'stamp.json');

/** Builds everything anew; says which entries were left out as their source is not there. */
export async function build(settings: Settings): Promise<{ skipped: readonly string[] }> {
  const folder = settings.folder ?? dist;
  const stamp = await sourceStamp(settings);
  await mkdir(join(folder, 'meta'), { recursive: true });
  const skipped: string[] = [];
  const written = new Set<string>();
  const inputs = new Set<string>();
  // One broken bundle keeps nobody from the others.
  const steps = await Promise.allSettled([
    ...bundles.map(async (bundle) => {
      const options = esbuildOptions(bundle, settings, skipped);
      if (options === undefined) return;
      const result = await esbuild.build(options).catch((error: unknown) => {
        throw new StepError(`Could not build ${bundle.name}.`, 'Mend what esbuild names above', error);
      });
      for (const output of Object.keys(result.metafile?.outputs ?? {})) written.add(resolve(root, output));
      for (const input of Object.keys(result.metafile?.inputs ?? {})) inputs.add(input);
      await writeFile(join(folder, 'meta', `${bundle.name}.json`), JSON.stringify(result.metafile));
    }),
    copyFiles(folder),
    writeClientTypes(folder),
  ]);
  for (const step of steps) if (step.status === 'rejected') throw step.reason;
  await removeOthers(folder, written);
  await writeFile(join(folder, 'licenses.txt'), licenceTexts(inputs));
  const cli = join(folder, 'cli/main.js');
  if (existsSync(cli)) await chmod(cli, 0o755);
  await writeFile(join(folder, stampFile), stamp);
  return { skipped };
}

/** Pieces of bundles have their content's hash in their names, so that old ones would stay. */
async function removeOthers(folder: string, written: ReadonlySet<string>): Promise<void> {
  for await (const file of glob('**/*.{js,map}', { cwd: folder })) {
    const path = join(folder, file);
    if (!written.has(path)) await rm(path, { force: true });
  }
}

/** Builds unless `dist/` was made by the same settings from the sources as they are; true when it did. */
export async function buildIfStale(settings: Settings): Promise<boolean> {
  const stamp = join(settings.folder ?? dist, stampFile);
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === (await sourceStamp(settings))) return false;
  await build(settings);
  return true;
}

/** Builds again whatever changes, until the process is ended. */
export async function watch(settings: Settings): Promise<void> {
  await build(settings);
  for (const bundle of bundles) {
    const options = esbuildOptions(bundle, settings, []);
    if (options === undefined) continue;
    const context = await esbuild.context({ ...options, logLevel: 'info' });
    await context.watch();
  }
  report('Watching the sources; Ctrl-C ends it.');
}

function esbuildOptions(
  bundle: Bundle,
  settings: Settings,
  skipped: string[],
): esbuild.BuildOptions | undefined {
  const present = bundle.entries.filter(([source]) => existsSync(join(root, source)));
  skipped.push(...bundle.entries.filter((entry) => !present.includes(entry)).map(([source]) => source));
  if (present.length === 0) return undefined;
  return {
    ...bundle.options,
    entryPoints: present.map(([source, out]) => ({ in: source, out })),
    absWorkingDir: root,
    outdir: settings.folder ?? dist,
    bundle: true,
    metafile: true,
    minify: settings.production,
    sourcemap: settings.production ? false : 'linked',
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/** Payload scripts run on worker nodes and go there as they are; the icon font is the editor's own. */
async function copyFiles(folder: string): Promise<void> {
  const copies: (readonly [string, string])[] = [];
  for await (const script of glob('src/transformations/*/*.{sh,py}', { cwd: root })) {
    copies.push([script, join('payloads', basename(script))]);
  }
  for (const name of ['codicon.css', 'codicon.ttf']) {
    copies.push([`node_modules/@vscode/codicons/dist/${name}`, join('webview', name)]);
  }
  for (const [source, target] of copies) {
    await mkdir(dirname(join(folder, target)), { recursive: true });
    await copyFile(join(root, source), join(folder, target));
  }
}

/** Changes whenever a rebuild would give something else. */
async function sourceStamp(settings: Settings): Promise<string> {
  const files: Record<string, string> = {};
  const patterns = [
    'src/**/*.{ts,sh,py}',
    'webview/**/*',
    'scripts/**/*',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ];
  for await (const file of glob(patterns, { cwd: root })) {
    const facts = await stat(join(root, file));
    if (facts.isFile()) files[file] = `${facts.size}:${facts.mtimeMs}`;
  }
  return JSON.stringify({ settings, files: Object.entries(files).sort() });
}
