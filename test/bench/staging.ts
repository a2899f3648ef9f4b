import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dist } from '../../scripts/lib/paths.ts';
import { uploadFiles } from '../../src/staging/index.ts';
import { installed } from '../interop/programs/program.ts';
import { rclone } from '../interop/programs/rclone.ts';
import { versitygw } from '../interop/programs/versitygw.ts';
import { awsEnvironment, BUCKET, rcloneEnvironment, startS3Server, storeOn } from '../interop/s3Servers.ts';
import type { S3Server } from '../interop/s3Servers.ts';
import { atMost, median, timed } from './part.ts';
import type { BenchPart, Report } from './part.ts';

const ROUNDS = 3;
const LARGE_BYTES = 1_000_000_000;
const SMALL_FILES = 10_000;
/** Where outputs of jobs lie that are fetched. */
const AREA = 'ada/2026-11-23/bench';
const limitMs = 10 * 60_000;

/**
 * One file of 1 GB and 10,000 of 4 to 40 kB, up, up again and down, by `desc-panda stage` and by rclone with its defaults,
 * in turn, each as a program of its own, against the same server. Both verify: rclone by MD5, ours by sha256 as well.
 */
export const staging: BenchPart = {
  name: 'staging',
  async run(report) {
    const programs = { versitygw: await installed(versitygw), rclone: await installed(rclone) };
    // In memory, where that can be: the disk would be what is measured.
    const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'desc-panda-staging-'));
    const server = await startS3Server(versitygw, { path: programs.versitygw.path, folder });
    try {
      const bench = await prepare(folder, server, programs.rclone.path);
      await compare(bench, '1 GB', bench.large, report);
      await compare(bench, '10,000 files', bench.small, report);
    } finally {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Files to send, as each of the programs takes them. */
interface Load {
  readonly files: readonly string[];
  /** The file, or its folder. */
  readonly source: string;
  /** How long it may take when nothing has changed. */
  readonly againSeconds: number;
}

interface Bench {
  readonly server: S3Server;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly rclone: string;
  readonly large: Load;
  readonly small: Load;
}

async function prepare(folder: string, server: S3Server, rclonePath: string): Promise<Bench> {
  const config = join(folder, 'config', 'desc-panda');
  await mkdir(config, { recursive: true });
  const staged = { kind: 's3', bucket: BUCKET, prefix: 'ours', endpoint: server.endpoint };
  const profile = { server: 'https://panda.invalid', vo: 'Rubin', user: 'ada', staging: staged };
  const profiles = { default: 's3', profiles: { s3: profile } };
  await writeFile(join(config, 'profiles.json'), JSON.stringify(profiles));
  const env = {
    ...process.env,
    ...awsEnvironment,
    ...rcloneEnvironment(server),
    XDG_CONFIG_HOME: join(folder, 'config'),
    DESC_PANDA_HOME: join(folder, 'state', 'sandbox'),
  };
  const large = join(folder, 'large.fits');
  await writeLarge(large);
  const many = join(folder, 'many');
  await mkdir(many);
  for (let index = 0; index < SMALL_FILES; index += 1) {
    const size = 4000 + ((index * 7919) % 36_001);
    await writeFile(join(many, `catalog_${String(index).padStart(5, '0')}.txt`), randomBytes(size));
  }
  const files = (await readdir(many)).map((name) => join(many, name));
  return {
    ...{ server, folder, env, rclone: rclonePath },
    large: { files: [large], source: large, againSeconds: 1 },
    small: { files, source: many, againSeconds: 5 },
  };
}

async function writeLarge(path: string): Promise<void> {
  const handle = await open(path, 'w');
  for (let written = 0; written < LARGE_BYTES; written += 1_000_000)
    await handle.write(randomBytes(1_000_000));
  await handle.close();
}

type Step = 'up' | 'up again' | 'down';

async function compare(bench: Bench, what: string, load: Load, report: Report): Promise<void> {
  const times = new Map<string, Cost[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const turns = [
      ['ours', () => ours(bench, load)],
      ['rclone', () => theirs(bench, load)],
    ] as const;
    for (const [who, turn] of round % 2 === 0 ? turns : turns.toReversed()) {
      for (const [step, cost] of await turn()) {
        const key = `${who} ${step}`;
        times.set(key, [...(times.get(key) ?? []), cost]);
      }
      await emptyBucket(bench.server);
    }
  }
  const middle = (key: string, pick: (cost: Cost) => number): number =>
    median((times.get(key) ?? []).map(pick));
  const wall = (cost: Cost): number => cost.wallMs / 1000;
  const cpu = (cost: Cost): number => cost.cpuMs / 1000;
  for (const step of ['up', 'up again', 'down'] as const) {
    const [a, b] = [`ours ${step}`, `rclone ${step}`];
    const again = step === 'up again';
    report(atMost(`${what} ${step}, ours`, middle(a, wall), 's', again ? load.againSeconds : null));
    report(atMost(`${what} ${step}, rclone`, middle(b, wall), 's', null));
    report(
      atMost(`${what} ${step}, ours by rclone`, middle(a, wall) / middle(b, wall), '×', again ? null : 1),
    );
    if (process.platform !== 'linux') continue;
    report(atMost(`${what} ${step}, processor time of ours`, middle(a, cpu), 's', null));
    report(atMost(`${what} ${step}, processor time of rclone`, middle(b, cpu), 's', null));
  }
}

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function ours(bench: Bench, load: Load): Promise<(readonly [Step, Cost])[]> {
  const cli = join(dist, 'cli', 'main.js');
  const stage = (...words: readonly string[]): Promise<Cost> =>
    runProgram(process.execPath, [cli, 'stage', ...words], bench);
  // What was noted of the files in another round would spare reading them.
  await rm(join(bench.folder, 'state', 'uploads'), { recursive: true, force: true });
  const up = await stage('put', ...load.files);
  const again = await stage('put', ...load.files);
  await emptyBucket(bench.server);
  // Outputs as a job leaves them, with their sums.
  const store = storeOn(bench.server, { prefix: 'ours' });
  const outputs = load.files.map((path) => ({
    path,
    key: `${AREA}/out/1/1/${path.slice(path.lastIndexOf('/') + 1)}`,
  }));
  await uploadFiles(store, outputs);
  store.dispose();
  const back = join(bench.folder, 'back');
  const down = await stage('get', '2026-11-23/bench/', '--output', back);
  await mustBeWhole(join(back, 'out', '1', '1'), load);
  await rm(back, { recursive: true });
  return [
    ['up', up],
    ['up again', again],
    ['down', down],
  ];
}

async function theirs(bench: Bench, load: Load): Promise<(readonly [Step, Cost])[]> {
  const remote = `desc:${BUCKET}/theirs`;
  const copy = (from: string, to: string): Promise<Cost> =>
    runProgram(bench.rclone, ['copy', from, to], bench);
  const up = await copy(load.source, remote);
  const again = await copy(load.source, remote);
  const back = join(bench.folder, 'back');
  const down = await copy(remote, back);
  await mustBeWhole(back, load);
  await rm(back, { recursive: true });
  return [
    ['up', up],
    ['up again', again],
    ['down', down],
  ];
}

async function mustBeWhole(folder: string, load: Load): Promise<void> {
  const { length } = await readdir(folder);
  if (length !== load.files.length) throw new Error(`${length} files came back`);
}

async function emptyBucket(server: S3Server): Promise<void> {
  const bucket = join(server.folder, BUCKET);
  for (const name of await readdir(bucket)) await rm(join(bucket, name), { recursive: true, force: true });
}

/** Runs a program to its end; its processor time is what this process has of ended children. */
async function runProgram(program: string, args: readonly string[], { env }: Bench): Promise<Cost> {
  let said = '';
  const before = childrenCpuMs();
  const wallMs = await timed(async () => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'], timeout: limitMs });
    child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-2000)));
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code !== 0)
      throw new Error(`${program} ${args.slice(0, 3).join(' ')} ended with ${String(code)}: ${said}`);
  });
  return { wallMs, cpuMs: childrenCpuMs() - before };
}

/** Processor time of children that ended, from the kernel's clock of 10 ms; not known but on Linux. */
function childrenCpuMs(): number {
  if (process.platform !== 'linux') return Number.NaN;
  // Behind the name of the program, which may hold anything.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
