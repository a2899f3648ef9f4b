import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileJava, JavaProgram } from '../interop/javaPrograms.ts';
import { jdk } from '../interop/programs/jdk.ts';
import { installed } from '../interop/programs/program.ts';
import { rmiio } from '../interop/programs/rmiio.ts';
import { atLeast, atMost, median } from './part.ts';
import type { BenchPart, Report } from './part.ts';

const SERVICE = 'JobControlService-desc';
/** Rounds that count, after one in which both machines compile what they run. */
const ROUNDS = 5;

interface Load {
  readonly call: string;
  readonly clients: number;
  readonly calls: number;
}

const loads: readonly Load[] = [
  { call: 'submit', clients: 1, calls: 2000 },
  { call: 'submit', clients: 20, calls: 10_000 },
  { call: 'status', clients: 1, calls: 4000 },
  { call: 'status', clients: 20, calls: 20_000 },
  { call: 'arrayStatus', clients: 1, calls: 500 },
  { call: 'arrayStatus', clients: 20, calls: 2000 },
];

/**
 * A job control service with a map behind it, ours and one in Java, called in turn by the same Java program: its clients
 * call one after the other, each in a thread of its own. `arrayStatus` asks for 100 jobs.
 */
export const rmi: BenchPart = {
  name: 'rmi',
  async run(report) {
    const folder = await mkdtemp(join(tmpdir(), 'desc-panda-bench-'));
    const undo: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
    try {
      const libraries = (await installed(rmiio)).path;
      const programs = await compileJava((await installed(jdk)).path, libraries, folder);
      const jvm = new JavaProgram(programs, 'interop.MapService', SERVICE);
      undo.push(() => jvm.end());
      const ours = await startOurs();
      undo.push(() => ours.end());
      const callersOf = (port: string): JavaProgram => {
        const callers = new JavaProgram(programs, 'interop.Load', '127.0.0.1', port, SERVICE, folder);
        undo.push(() => callers.end());
        return callers;
      };
      const [, jvmPort = ''] = await jvm.line();
      await compare(callersOf(jvmPort), callersOf(ours.port), report);
    } finally {
      for (const one of undo.reverse()) await one();
    }
  },
};

interface Figures {
  /** Calls a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

async function compare(jvm: JavaProgram, ours: JavaProgram, report: Report): Promise<void> {
  for (const load of loads) {
    const figures: Record<'jvm' | 'ours', Figures[]> = { jvm: [], ours: [] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const turns = [
        ['jvm', jvm],
        ['ours', ours],
      ] as const;
      for (const [who, callers] of round % 2 === 0 ? turns : turns.toReversed()) {
        const measured = await measure(callers, load);
        if (round > 0) figures[who].push(measured);
      }
    }
    tell(load, figures, report);
  }
}

function tell(load: Load, figures: Record<'jvm' | 'ours', readonly Figures[]>, report: Report): void {
  const what = `${load.call}, ${load.clients === 1 ? '1 client' : `${load.clients} clients`}`;
  const middle = (who: 'jvm' | 'ours', key: keyof Figures): number =>
    median(figures[who].map((each) => each[key]));
  for (const who of ['ours', 'jvm'] as const) {
    const name = who === 'jvm' ? 'JVM' : who;
    report(atLeast(`${what}, ${name}`, middle(who, 'rate'), 'calls/s', null));
    report(atMost(`${what}, ${name}: half of them within`, middle(who, 'p50'), 'ms', null));
    report(atMost(`${what}, ${name}: 99 % within`, middle(who, 'p99'), 'ms', null));
  }
  const ratio = (key: keyof Figures): number => middle('ours', key) / middle('jvm', key);
  report(atLeast(`${what}, calls, ours by JVM`, ratio('rate'), '×', 1));
  report(atMost(`${what}, median latency, ours by JVM`, ratio('p50'), '×', 1));
  report(atMost(`${what}, 99 % latency, ours by JVM`, ratio('p99'), '×', null));
}

async function measure(callers: JavaProgram, { call, clients, calls }: Load): Promise<Figures> {
  const [answer = ''] = await callers.ask(call, String(clients), String(calls));
  const { seconds, p50, p99 } = JSON.parse(answer) as Record<string, unknown>;
  if (typeof seconds !== 'number' || typeof p50 !== 'number' || typeof p99 !== 'number') {
    throw new Error(`no figures in: ${answer}`);
  }
  return { rate: calls / seconds, p50, p99 };
}

/** Our service in a process of its own, as the JVM's is. */
async function startOurs(): Promise<{ readonly port: string; end(): Promise<void> }> {
  const script = join(import.meta.dirname, 'rmiMapService.ts');
  const child = spawn(process.execPath, [script, SERVICE], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error('our service did not begin');
  return {
    port: first.value.split('\t')[1] ?? '',
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}
