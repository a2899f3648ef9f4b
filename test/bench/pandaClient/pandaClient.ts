import { execFile } from 'node:child_process';
import { mkdtemp, rm, readFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { dist } from '../../../scripts/lib/paths.ts';
import type { PandaClient } from '../../../src/panda/index.ts';
import { pandaClientEnvironment } from '../../interop/pandaClientEnvironment.ts';
import { pandaClient as program } from '../../interop/programs/pandaClient.ts';
import { installed } from '../../interop/programs/program.ts';
import { until } from '../../support/until.ts';
import { benchPayload } from '../benchSpecs.ts';
import { atLeast, median, type BenchPart, type Report } from '../part.ts';
import { withSandbox, type RealSandbox } from '../realSandbox.ts';
import { bundleOurs, callAlone, startRunning, type Cost, type Program } from './programs.ts';

const ROUNDS = 5;
const BULK_GOAL = 3;
const START_GOAL = 10;

interface Pair<T> {
  readonly ours: T;
  readonly theirs: T;
}

type Caller = (words: readonly string[]) => Promise<Cost>;

/**
 * Our client beside PanDA's own in Python, in turns, on one sandbox whose pilot stands still. Figures are theirs divided by
 * ours. `docs/client.md` says what is compared.
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
        const pair = programs(sandbox, python, driver, env);
        const compare = new Comparison(report, sandbox.client, folder);
        await withRunning(pair, (running) => compare.calls(running, 'in a running process'));
        await compare.calls(
          {
            ours: (words) => callAlone(pair.ours, words),
            theirs: (words) => callAlone(pair.theirs, words),
          },
          'with its process',
        );
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function programs(
  { client, connection }: RealSandbox,
  python: string,
  driver: string,
  env: NodeJS.ProcessEnv,
): Pair<Program> {
  const user = userInfo().username;
  const { url, token } = connection;
  const transformation = client.files.cacheUrl(benchPayload.name);
  const script = join(import.meta.dirname, 'theirs.py');
  return {
    ours: { path: process.execPath, words: [driver, url, token, user], env: process.env },
    theirs: { path: python, words: [script, transformation, user], env },
  };
}

async function withRunning(
  pair: Pair<Program>,
  use: (callers: Pair<Caller>) => Promise<void>,
): Promise<void> {
  const ours = startRunning(pair.ours);
  const theirs = startRunning(pair.theirs);
  try {
    await use({ ours: (words) => ours.call(words), theirs: (words) => theirs.call(words) });
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
  }
}

class Comparison {
  readonly #report: Report;
  readonly #client: PandaClient;
  readonly #files: Pair<string>;

  constructor(report: Report, client: PandaClient, folder: string) {
    this.#report = report;
    this.#client = client;
    this.#files = { ours: join(folder, 'ours.json'), theirs: join(folder, 'theirs.json') };
  }

  /** All calls, each in turns. The first of each client comes before, as nothing was loaded then. */
  async calls(callers: Pair<Caller>, how: string): Promise<void> {
    await this.#submit(callers, 1);
    await this.#inTurns((who) => callers[who](['describe', this.#files[who]]));
    for (const count of [1, 100, 1_000, 5_000]) {
      const submitted = await this.#rounds(() => this.#submit(callers, count));
      this.#tell(`submit ${count.toLocaleString('en')}`, how, count, submitted);
      if (count === 100) continue;
      const described = await this.#rounds(() =>
        this.#inTurns((who) => callers[who](['describe', this.#files[who]])),
      );
      this.#tell(`describe ${count.toLocaleString('en')}`, how, count, described);
    }
    const killed = await this.#rounds(async () => {
      await this.#submit(callers, 1_000);
      return this.#inTurns((who) => callers[who](['kill', this.#files[who]]));
    });
    this.#tell('kill 1,000', how, 1_000, killed);
  }

  async #submit(callers: Pair<Caller>, count: number): Promise<Pair<Cost>> {
    return this.#inTurns(async (who) => {
      const cost = await callers[who](['submit', String(count), this.#files[who]]);
      // What the sandbox does with new jobs is not to fall on the next call.
      const last = (JSON.parse(await readFile(this.#files[who], 'utf8')) as number[]).at(-1) ?? 0;
      await until('the jobs to be activated', async () => {
        const [status] = await this.#client.jobs.getStatus([last]);
        return status?.state === 'activated';
      });
      return cost;
    });
  }

  async #inTurns(call: (who: keyof Pair<unknown>) => Promise<Cost>): Promise<Pair<Cost>> {
    return { ours: await call('ours'), theirs: await call('theirs') };
  }

  async #rounds(round: () => Promise<Pair<Cost>>): Promise<Pair<Cost>[]> {
    const all: Pair<Cost>[] = [];
    while (all.length < ROUNDS) all.push(await round());
    return all;
  }

  #tell(call: string, how: string, count: number, rounds: readonly Pair<Cost>[]): void {
    for (const [title, key, unit] of FIGURES) {
      const our = median(rounds.map(({ ours }) => ours[key]));
      const their = median(rounds.map(({ theirs }) => theirs[key]));
      const goal = key === 'wallMs' && count > 100 ? BULK_GOAL : null;
      const name = `${call} ${how}, ${title} (${shown(our)} and ${shown(their)} ${unit})`;
      this.#report(atLeast(name, their / our, 'times', goal));
    }
  }
}

const FIGURES = [
  ['wall', 'wallMs', 'ms'],
  ['processor', 'cpuMs', 'ms'],
  ['memory', 'rssMB', 'MB'],
] as const;

function shown(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}

/** Until a program is there, doing nothing. */
async function compareStarts(report: Report, python: string, env: NodeJS.ProcessEnv): Promise<void> {
  const ours = [
    'desc-panda --version',
    process.execPath,
    [join(dist, 'cli', 'main.js'), '--version'],
  ] as const;
  const library = ['import pandaclient.Client', python, ['-c', 'import pandaclient.Client']] as const;
  const prun = ['prun --version', join(dirname(python), 'prun'), ['--version']] as const;
  for (const [name, path, words] of [library, prun]) {
    const times: Pair<number[]> = { ours: [], theirs: [] };
    for (let round = 0; round < 2 * ROUNDS; round++) {
      times.ours.push(await started(ours[1], ours[2]));
      times.theirs.push(await started(path, words, env));
    }
    const [our, their] = [median(times.ours), median(times.theirs)];
    const title = `start-up of ${ours[0]} beside ${name}, wall (${shown(our)} and ${shown(their)} ms)`;
    report(atLeast(title, their / our, 'times', START_GOAL));
  }
}

async function started(path: string, words: readonly string[], env = process.env): Promise<number> {
  const begun = performance.now();
  await promisify(execFile)(path, words, { env });
  return performance.now() - begun;
}
