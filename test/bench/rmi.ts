import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileJava, JavaProgram } from '../interop/javaPrograms.ts';
import { SERVICE } from '../interop/jobControlDaemon.ts';
import { jdk } from '../interop/programs/jdk.ts';
import { installed } from '../interop/programs/program.ts';
import { rmiio } from '../interop/programs/rmiio.ts';
import { daemonOn } from './daemon.ts';
import { atLeast, atMost, median } from './part.ts';
import type { BenchPart, Report } from './part.ts';
import { withSandbox } from './realSandbox.ts';
import type { RealSandbox } from './realSandbox.ts';

/** Rounds that count, after one in which both machines compile what they run. */
const ROUNDS = 5;

/** Who is called: a map behind Java's RMI, the same behind ours, and the daemon with a sandbox behind it. */
const SERVICES = ['JVM', 'ours', 'daemon'] as const;
type Service = (typeof SERVICES)[number];

interface Load {
  readonly call: string;
  readonly clients: number;
  readonly calls: number;
  /** Of the daemon, whose submissions take a call of PanDA and the disk. */
  readonly daemonCalls: number;
}

const loads: readonly Load[] = [
  { call: 'submit', clients: 1, calls: 2000, daemonCalls: 50 },
  { call: 'submit', clients: 20, calls: 10_000, daemonCalls: 200 },
  { call: 'status', clients: 1, calls: 4000, daemonCalls: 2000 },
  { call: 'status', clients: 20, calls: 20_000, daemonCalls: 10_000 },
  { call: 'arrayStatus', clients: 1, calls: 500, daemonCalls: 200 },
  { call: 'arrayStatus', clients: 20, calls: 2000, daemonCalls: 500 },
];

/**
 * Job control services called in turn by the same Java program: its clients call one after the other, each in a thread of
 * its own. `arrayStatus` asks for 100 jobs.
 */
export const rmi: BenchPart = {
  name: 'rmi',
  run: (report) => withSandbox(0, (sandbox) => compare(sandbox, report)),
};

async function compare(sandbox: RealSandbox, report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'desc-panda-bench-'));
  const undo: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  try {
    const libraries = (await installed(rmiio)).path;
    const programs = await compileJava((await installed(jdk)).path, libraries, folder);
    const jvm = new JavaProgram(programs, 'interop.MapService', SERVICE);
    undo.push(() => jvm.end());
    const ours = await startOurs();
    undo.push(() => ours.end());
    const { daemon } = await daemonOn(sandbox, folder);
    undo.push(() => daemon.end('SIGTERM'));
    const [, jvmPort = ''] = await jvm.line();
    const callersOf = (port: string): JavaProgram => {
      const callers = new JavaProgram(programs, 'interop.Load', '127.0.0.1', port, SERVICE, folder);
      undo.push(() => callers.end());
      return callers;
    };
    const callers = {
      JVM: callersOf(jvmPort),
      ours: callersOf(ours.port),
      daemon: callersOf(String(await daemon.start())),
    };
    for (const load of loads) await compareCalls(callers, load, report);
  } finally {
    for (const one of undo.reverse()) await one();
  }
}

interface Figures {
  /** Calls a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

async function compareCalls(
  callers: Readonly<Record<Service, JavaProgram>>,
  load: Load,
  report: Report,
): Promise<void> {
  const figures: Record<Service, Figures[]> = { JVM: [], ours: [], daemon: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const service of round % 2 === 0 ? SERVICES : SERVICES.toReversed()) {
      const calls = service === 'daemon' ? load.daemonCalls : load.calls;
      const measured = await measure(callers[service], load, calls);
      if (round > 0) figures[service].push(measured);
    }
  }
  const what = `${load.call}, ${load.clients} ${load.clients === 1 ? 'client' : 'clients'}`;
  const middle = (service: Service, key: keyof Figures): number =>
    median(figures[service].map((each) => each[key]));
  for (const service of SERVICES) {
    report(atLeast(`${what}, ${service}`, middle(service, 'rate'), 'calls/s', null));
    report(atMost(`${what}, ${service}: half of them within`, middle(service, 'p50'), 'ms', null));
    report(atMost(`${what}, ${service}: 99 % within`, middle(service, 'p99'), 'ms', null));
  }
  for (const service of ['ours', 'daemon'] as const) {
    const ratio = (key: keyof Figures): number => middle(service, key) / middle('JVM', key);
    const goal = service === 'ours' ? 1 : null;
    report(atLeast(`${what}, calls, ${service} by JVM`, ratio('rate'), '×', goal));
    report(atMost(`${what}, median latency, ${service} by JVM`, ratio('p50'), '×', goal));
    report(atMost(`${what}, 99 % latency, ${service} by JVM`, ratio('p99'), '×', null));
  }
}

async function measure(callers: JavaProgram, { call, clients }: Load, calls: number): Promise<Figures> {
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
