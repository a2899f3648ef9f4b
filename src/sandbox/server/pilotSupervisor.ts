import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { LogFile } from './logFile.ts';

export interface PilotSupervisor {
  /** Tells the pilot to stop, and waits for it: it ends its payloads and reports them first. */
  stop(): Promise<void>;
}

export interface SupervisorParts {
  readonly entry: string;
  /** One JSON line for the pilot's stdin, which is then held open: the pilot leaves when it closes. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the pilot says of itself. */
  readonly pilotLog: LogFile;
  readonly log: LogFile;
  /** Milliseconds a pilot gets to stop. */
  readonly patience: number;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** A pilot that lived this long was well, ms. */
const WELL = 60_000;

/** Keeps one pilot running: started again when it dies, after longer pauses when it keeps dying. */
export function supervisePilot(parts: SupervisorParts): PilotSupervisor {
  const { log } = parts;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pause = FIRST_PAUSE;
  let stopping = false;

  function start(): void {
    const startedAt = performance.now();
    const pilot = startPilot(parts);
    child = pilot;
    let ended = false;
    const onEnd = (how: string): void => {
      if (ended) return;
      ended = true;
      child = undefined;
      if (stopping) return;
      if (performance.now() - startedAt > WELL) pause = FIRST_PAUSE;
      log.line(`The pilot ${how}; starting another one in ${pause} ms`);
      timer = setTimeout(start, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    };
    pilot.once('error', (error) => onEnd(`could not be started: ${error.message}`));
    pilot.once('exit', (code, signal) => onEnd(`ended with ${signal ?? `exit code ${code}`}`));
  }

  start();
  return {
    stop: async () => {
      stopping = true;
      clearTimeout(timer);
      const pilot = child;
      if (pilot === undefined) return;
      const ended = new Promise<void>((resolve) => pilot.once('exit', () => resolve()));
      pilot.kill('SIGTERM');
      const force = setTimeout(() => pilot.kill('SIGKILL'), parts.patience);
      await ended;
      clearTimeout(force);
    },
  };
}

function startPilot({ entry, settings, pilotLog }: SupervisorParts): ChildProcess {
  const pilot = spawn(process.execPath, [entry], { stdio: ['pipe', 'ignore', 'pipe'] });
  // The pilot may be gone before it has read its settings; its end is what counts then.
  pilot.stdin.on('error', () => undefined);
  pilot.stdin.write(`${JSON.stringify({ ...settings, supervised: true })}\n`);
  createInterface({ input: pilot.stderr }).on('line', (line) => pilotLog.line(line));
  return pilot;
}
