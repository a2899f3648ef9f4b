import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import esbuild from 'esbuild';
import { dist, root } from '../../../scripts/lib/paths.ts';
import { pandaClientEnvironment } from '../../interop/pandaClientEnvironment.ts';
import { pandaClient as program } from '../../interop/programs/pandaClient.ts';
import { installed } from '../../interop/programs/program.ts';
import { benchPayload } from '../benchSpecs.ts';
import { atLeast, median, type BenchPart, type Report } from '../part.ts';
import { withSandbox, type RealSandbox } from '../realSandbox.ts';

/** What a process took, from its start to its end. */
interface Cost {
  readonly wallMs: number;
  /** User and system, with those of the programs it ran. */
  readonly cpuMs: number;
  /** At its peak, with the largest program it ran. */
  readonly rssMB: number;
}

type Run = (words: readonly string[]) => Promise<Cost>;

const submitted = [1, 100, 1_000, 5_000];
const described = [1, 1_000, 5_000];
const BULK_GOAL = 3;
const START_GOAL = 10;

/**
 * Our client beside PanDA's own in Python: each call in a process of its own, in turns, on one sandbox whose pilot stands
 * still. Figures are theirs divided by ours.
 */
export const pandaClient: BenchPart = {
  name: 'panda-client',
  async run(report) {
    const python = (await installed(program)).path;
    const folder = await mkdtemp(join(tmpdir(), 'desc-panda-bench-'));
    try {
      const driver = await bundleOurs(folder);
      await withSandbox(0, async (sandbox) => {
        const env = pandaClientEnvironment(sandbox.connection, python, folder);
        await compareStarts(report, python, env);
        await compare(report, runners(sandbox, python, driver, env), folder);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** As users have it: one file, made smaller. */
async function bundleOurs(folder: string): Promise<string> {
  const outfile = join(folder, 'ours.mjs');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['test/bench/pandaClient/ours.ts'],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    mainFields: ['module', 'main'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return outfile;
}

interface Pair {
  readonly ours: Run;
  readonly theirs: Run;
}

function runners(
  { client, connection }: RealSandbox,
  python: string,
  driver: string,
  env: NodeJS.ProcessEnv,
): Pair {
  const user = userInfo().username;
  const { url, token } = connection;
  const transformation = client.files.cacheUrl(benchPayload.name);
  const script = join(import.meta.dirname, 'theirs.py');
  return {
    ours: (words) => costOf(process.execPath, [driver, url, token, user, ...words], process.env),
    theirs: (words) => costOf(python, [script, transformation, user, ...words], env),
  };
}

async function costOf(path: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<Cost> {
  const begun = performance.now();
  const { stdout } = await promisify(execFile)(path, words, { env, maxBuffer: 1 << 26 });
  const wallMs = performance.now() - begun;
  const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Omit<Cost, 'wallMs'>;
  return { wallMs, ...said };
}

async function compare(report: Report, pair: Pair, folder: string): Promise<void> {
  const ids = { ours: join(folder, 'ours.json'), theirs: join(folder, 'theirs.json') };
  for (const count of submitted) {
    const words = (file: string): readonly string[] => ['submit', String(count), file];
    await compareCall(report, `submit ${count.toLocaleString('en')}`, count, {
      ours: () => pair.ours(words(ids.ours)),
      theirs: () => pair.theirs(words(ids.theirs)),
    });
    if (!described.includes(count)) continue;
    await compareCall(report, `describe ${count.toLocaleString('en')}`, count, {
      ours: () => pair.ours(['describe', ids.ours]),
      theirs: () => pair.theirs(['describe', ids.theirs]),
    });
    if (count !== 1_000) continue;
    // A job is killed once only.
    const ours = await pair.ours(['kill', ids.ours]);
    const theirs = await pair.theirs(['kill', ids.theirs]);
    tell(report, 'kill 1,000', count, [ours], [theirs]);
  }
}

async function compareCall(
  report: Report,
  name: string,
  count: number,
  { ours, theirs }: { readonly ours: () => Promise<Cost>; readonly theirs: () => Promise<Cost> },
): Promise<void> {
  const all: { ours: Cost[]; theirs: Cost[] } = { ours: [], theirs: [] };
  for (let round = 0; round < 3; round++) {
    all.ours.push(await ours());
    all.theirs.push(await theirs());
  }
  tell(report, name, count, all.ours, all.theirs);
}

const FIGURES = [
  ['wall', 'wallMs', 'ms'],
  ['processor time', 'cpuMs', 'ms'],
  ['memory', 'rssMB', 'MB'],
] as const;

function tell(
  report: Report,
  name: string,
  count: number,
  ours: readonly Cost[],
  theirs: readonly Cost[],
): void {
  for (const [title, key, unit] of FIGURES) {
    const [our, their] = [ours, theirs].map((costs) => median(costs.map((cost) => cost[key])));
    const goal = key === 'wallMs' && count > 100 ? BULK_GOAL : null;
    const rounded = `${Math.round(our ?? NaN)} and ${Math.round(their ?? NaN)} ${unit}`;
    report(atLeast(`${name}, ${title} (${rounded})`, (their ?? NaN) / (our ?? NaN), 'times', goal));
  }
}

/** Until a program is there, doing nothing. */
async function compareStarts(report: Report, python: string, env: NodeJS.ProcessEnv): Promise<void> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 7; round++) {
    ours.push(await started(process.execPath, [join(dist, 'cli', 'main.js'), '--version']));
    theirs.push(await started(python, ['-c', 'import pandaclient.Client'], env));
  }
  const [our, their] = [median(ours), median(theirs)];
  const name = `start-up, wall (${Math.round(our)} and ${Math.round(their)} ms)`;
  report(atLeast(name, their / our, 'times', START_GOAL));
}

async function started(path: string, words: readonly string[], env = process.env): Promise<number> {
  const begun = performance.now();
  await promisify(execFile)(path, words, { env });
  return performance.now() - begun;
}
