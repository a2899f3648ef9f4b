import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import esbuild from 'esbuild';
import { programOptions } from '../../../scripts/lib/build.ts';
import { root } from '../../../scripts/lib/paths.ts';

/** What a call took. */
export interface Cost {
  readonly wallMs: number;
  /** User and system, with those of the programs it ran. */
  readonly cpuMs: number;
  /** Of its process, at its peak. */
  readonly rssMB: number;
}

/** A client's calls: the words that start it, to be followed by those of a call. */
export interface Program {
  readonly path: string;
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

interface Told extends Cost {
  readonly processCpuMs: number;
}

/** A call in a process of its own, from its start to its end. */
export async function callAlone({ path, words, env }: Program, call: readonly string[]): Promise<Cost> {
  const begun = performance.now();
  const { stdout } = await promisify(execFile)(path, [...words, ...call], { env, maxBuffer: 1 << 26 });
  const wallMs = performance.now() - begun;
  const { processCpuMs, rssMB } = JSON.parse(stdout) as Told;
  return { wallMs, cpuMs: processCpuMs, rssMB };
}

/** A process that takes call after call; each is timed inside, from the call to its result. */
export interface Running {
  call(words: readonly string[]): Promise<Cost>;
  stop(): Promise<void>;
}

export function startRunning({ path, words, env }: Program): Running {
  const child = spawn(path, words, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async call(call) {
      child.stdin.write(`${call.join(' ')}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error(`${path} ended during ${call.join(' ')}`);
      const { wallMs, cpuMs, rssMB } = JSON.parse(line.value) as Told;
      return { wallMs, cpuMs, rssMB };
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Builds the calls of our client, as users have them: bundled like all our programs, and made smaller. */
export async function bundleOurs(folder: string): Promise<string> {
  await esbuild.build({
    ...programOptions,
    absWorkingDir: root,
    entryPoints: ['test/bench/pandaClient/ours.ts'],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    metafile: true,
    minify: true,
    logLevel: 'warning',
  });
  return join(folder, 'ours.mjs');
}
