import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxConnection } from '../../../../src/sandbox/index.ts';

const MAIN = path.resolve(import.meta.dirname, '../../../../src/sandbox/main.ts');

/** The sandbox's own process, started as its users start it. */
export interface SandboxProcess {
  readonly child: ChildProcess;
  /** What it wrote on stderr so far. */
  readonly complaints: () => string;
  /** Exit code or signal, when it has ended. */
  readonly ended: Promise<number | string>;
}

export function startProcess(options: object): SandboxProcess {
  const child = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code ?? -1));
  });
  child.stdin.end(`${JSON.stringify({ pilotEntry: null, ...options })}\n`);
  return { child, complaints: () => complaints, ended };
}

/** Where the process says it answers, once it does. */
export async function connectionOf(
  dataFolder: string,
  { child }: SandboxProcess,
): Promise<SandboxConnection> {
  for (;;) {
    const text = await readFile(path.join(dataFolder, 'sandbox.json'), 'utf8').catch(() => '');
    const connection = text === '' ? undefined : (JSON.parse(text) as SandboxConnection);
    if (connection?.pid === child.pid) return connection!;
    if (child.exitCode !== null) throw new Error(`the sandbox ended with ${child.exitCode}`);
    await pause(20);
  }
}
