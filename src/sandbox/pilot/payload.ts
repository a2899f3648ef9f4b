import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { payloadProcesses, type ProcessRow, type ProcessTable } from './processTable.ts';
import type { JobFiles } from './jobState.ts';

/** How a payload ended. `lost`: it is gone and nobody saw how (killed while no pilot watched, or a reboot). */
export type PayloadEnd =
  | { readonly kind: 'exit'; readonly code: number; readonly cpuSeconds: number | undefined }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'lost' };

/** A running payload: the shell that leads its session, and its end. */
export interface Payload {
  readonly pid: number;
  /** See `ProcessRow.startedAt`; empty when the payload was over before it could be looked up. */
  readonly startedAt: string;
  /** False when the leader was gone before this pilot came: its pid may by now be a stranger's. */
  readonly groupIsOurs: boolean;
  readonly ended: Promise<PayloadEnd>;
}

export interface PayloadOrder {
  /** Text for /bin/sh, run in `workFolder`. */
  readonly command: string;
  readonly workFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdoutFile: string;
  readonly stderrFile: string;
}

/**
 * Runs one payload and writes down how it ended, so that a later pilot knows although it is not the parent.
 * $1: claim file, made by whoever comes first, so that nothing is run twice; $2: the command; $3: where the end is
 * written, whole only with its last line. The traps keep this shell alive to see the end of a payload that is told to
 * stop; they do not reach the payload. The few words are chosen for speed: one process more than the payload's own.
 */
const RUNNER = `
set -C
{ echo $$ > "$1"; } 2> /dev/null || exit 125
set +C
trap : HUP INT QUIT TERM USR1 USR2
(command=$2; set --; eval "$command")
code=$?
{ echo $code; times; echo end; } > "$3"
exit $code
`;

/** Starts a payload in a session of its own, stdin empty, output straight into files: it outlives the pilot. */
export async function launchPayload(
  order: PayloadOrder,
  files: JobFiles,
  table: ProcessTable,
): Promise<Payload> {
  const stdout = openSync(order.stdoutFile, 'a', 0o600);
  const stderr = openSync(order.stderrFile, 'a', 0o600);
  try {
    const child = spawn(
      '/bin/sh',
      ['-c', RUNNER, 'payload', files.claimFile, order.command, files.exitFile],
      {
        cwd: order.workFolder,
        env: { ...order.environment },
        detached: true,
        stdio: ['ignore', stdout, stderr],
      },
    );
    const ended = new Promise<PayloadEnd>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(readEnd(files.exitFile).then((end) => end ?? endOfChild(code, signal)));
      });
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const pid = child.pid ?? 0;
    return { pid, startedAt: (await table.identify(pid)) ?? '', groupIsOurs: true, ended };
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}

function endOfChild(code: number | null, signal: NodeJS.Signals | null): PayloadEnd {
  if (signal !== null) return { kind: 'signal', signal };
  return code === null ? { kind: 'lost' } : { kind: 'exit', code, cpuSeconds: undefined };
}

const ADOPTED_LOOK_MS = 500;

/** Watches a payload another pilot started, until it is gone. */
export async function adoptPayload(
  pid: number,
  startedAt: string,
  files: JobFiles,
  table: ProcessTable,
): Promise<Payload> {
  const isThere = async () => (await table.identify(pid)) === startedAt;
  async function watch(): Promise<PayloadEnd> {
    while (await isThere()) await delay(ADOPTED_LOOK_MS);
    return (await readEnd(files.exitFile)) ?? { kind: 'lost' };
  }
  return { pid, startedAt, groupIsOurs: await isThere(), ended: watch() };
}

/** The end a payload's shell wrote down; undefined when it did not come to that. */
export async function readEnd(exitFile: string): Promise<PayloadEnd | undefined> {
  let text: string;
  try {
    text = await readFile(exitFile, 'utf8');
  } catch {
    return undefined;
  }
  const [first = '', ...times] = text.split('\n');
  if (!/^\d{1,3}$/u.test(first) || !text.endsWith('\nend\n')) return undefined;
  return { kind: 'exit', code: Number(first), cpuSeconds: sumOfTimes(times.join(' ')) };
}

/** Sums `0m1.250s`-like figures: user and system time of the shell and of all it waited for. */
function sumOfTimes(text: string): number | undefined {
  const figures = [...text.matchAll(/(\d+)m(\d+(?:[.,]\d+)?)s/gu)];
  if (figures.length === 0) return undefined;
  return figures.reduce(
    (sum, [, minutes, seconds = '0']) => sum + Number(minutes) * 60 + Number(seconds.replace(',', '.')),
    0,
  );
}

/**
 * Claims a launch for whoever calls: true when the payload's shell has not begun and now never will. False means that
 * it did begin; `claimant` then says which process it was.
 */
export async function claimLaunch(claimFile: string): Promise<boolean> {
  try {
    const file = await open(claimFile, 'wx', 0o600);
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

export async function claimant(claimFile: string): Promise<number | undefined> {
  const text = (await readFile(claimFile, 'utf8')).trim();
  return /^\d+$/u.test(text) ? Number(text) : undefined;
}

const LOOK_MS = 50;
/** A process that outlives KILL this long hangs in the kernel: nobody can end it, and the slot is worth more. */
const AFTER_KILL_MS = 30_000;

/** Ends all processes of a payload: TERM, and after the grace time KILL. Resolves when none is left. */
export async function endProcesses(
  leader: number,
  seen: ReadonlyMap<number, string>,
  table: ProcessTable,
  graceMs: number,
): Promise<void> {
  const left = async () => payloadProcesses(await table.scan(), leader, seen);
  signalAll('SIGTERM', leader, await left());
  const deadline = performance.now() + graceMs;
  for (let rows = await left(); rows.length > 0; rows = await left()) {
    const late = performance.now() - deadline;
    if (late > AFTER_KILL_MS) return;
    if (late > 0) signalAll('SIGKILL', leader, rows);
    await delay(LOOK_MS);
  }
}

/** True when the payload's process group still has somebody in it. */
export function groupExists(leader: number): boolean {
  return signal(-leader, 0);
}

function signalAll(name: NodeJS.Signals, leader: number, rows: readonly ProcessRow[]): void {
  // The whole group in one call, so that nothing forked meanwhile escapes; then those that left the group.
  if (rows.some((row) => row.group === leader)) signal(-leader, name);
  for (const row of rows) if (row.group !== leader) signal(row.pid, name);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false; // It is gone already.
  }
}
