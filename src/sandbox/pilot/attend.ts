import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileError, type Desk, type Ending, type PilotContext } from './desk.ts';
import { readTail } from './diagnosis.ts';
import { formatWireTime } from './jobLog.ts';
import { createMemorySeries, MEMORY_SERIES } from './memorySeries.ts';
import { KILLED_BY_SERVER, PILOT_ERROR } from './outcome.ts';
import { aborted } from './waiting.ts';
import { endProcesses, groupExists, type Payload, type PayloadEnd } from './payload.ts';
import { spaceError } from './prepare.ts';
import { payloadProcesses, type ProcessRow } from './processTable.ts';
import type { UpdateAnswer } from './serverLink.ts';
import type { Usage } from './usage.ts';

/** What the pilot sees when it looks around; one look serves all jobs. */
export interface Look {
  readonly processes: readonly ProcessRow[];
  readonly freeMB: number;
}

export interface Attendance {
  /** Called now and then while the payload runs: counts what it uses and enforces its limits. */
  observe(look: Look): Promise<void>;
  /** Resolves when the payload and everything it started is gone. */
  readonly ended: Promise<PayloadEnd>;
  /** The server asked to keep the work folder. */
  readonly keepFolder: () => boolean;
}

/** Stays with a running payload: heartbeats, commands, limits, its end. `since` is its start, epoch milliseconds. */
export function attend(
  payload: Payload,
  since: number,
  usage: Usage,
  desk: Desk,
  context: PilotContext,
  ending: Ending,
): Attendance {
  const over = new AbortController();
  const orders = createOrders(desk, context, ending);
  const noteSample = createMemorySeries(join(dirname(desk.stdoutFile), MEMORY_SERIES), since);
  let isNoted = false;

  const heartbeats = desk.reporter.heartbeat(
    async () => ({
      start_time: formatWireTime(since),
      stdout: lastLines(await readTail(desk.stdoutFile, TAIL_BYTES)),
      cpu_consumption_unit: context.cpuModel,
      ...usage.fields(),
    }),
    orders.hear,
    over.signal,
  );

  const endAll = async (): Promise<void> => {
    if (!payload.groupIsOurs) return;
    await endProcesses(payload.pid, usage.seen, context.table, context.settings.graceSeconds * 1000);
  };

  async function waitForEnd(): Promise<PayloadEnd> {
    const killed = aborted(ending.signal).then(endAll);
    const end = await payload.ended;
    over.abort();
    // What a payload leaves running behind its back ends with it.
    if (ending.reason !== undefined) await killed;
    else if (usage.seen.size > 1 || groupExists(payload.pid)) await endAll();
    await heartbeats;
    return end;
  }

  return {
    ended: waitForEnd(),
    keepFolder: orders.keepFolder,
    observe: async (look) => {
      if (over.signal.aborted) return;
      if (!isNoted) {
        isNoted = true;
        await note(payload, since, desk);
      }
      const sample = usage.observe(payloadProcesses(look.processes, payload.pid, usage.seen));
      if (sample !== undefined) noteSample(sample, context.now());
      const error = await overLimit(desk, context, since, look);
      if (error !== undefined && !over.signal.aborted) ending.ask(error);
    },
  };
}

/** What the server orders in its answers to heartbeats, and its silence. */
interface Orders {
  readonly hear: (answer: UpdateAnswer) => void;
  readonly keepFolder: () => boolean;
}

function createOrders(desk: Desk, { settings }: PilotContext, ending: Ending): Orders {
  let lastContact = performance.now();
  let keep = false;

  function hear(answer: UpdateAnswer): void {
    switch (answer.kind) {
      case 'taken':
        lastContact = performance.now();
        keep ||= answer.commands.has('nocleanup');
        if (answer.commands.has('tobekilled')) ending.ask(KILLED_BY_SERVER);
        break;
      case 'refused':
        desk.log.line(`Server refused a heartbeat: ${answer.reason}`);
        break;
      case 'noAnswer':
        desk.log.line(`No answer to a heartbeat: ${answer.reason}`);
        if (performance.now() - lastContact > settings.giveUpSeconds * 1000) {
          const diag = `The PanDA server did not answer for ${settings.giveUpSeconds} s`;
          ending.ask({ code: PILOT_ERROR.noServer, diag });
        }
    }
  }
  return { hear, keepFolder: () => keep };
}

/**
 * Notes which process it is that runs, once it has run for a moment. Until then, or on a full disk, the next pilot has
 * the pid in the claim file, only without the proof that it is still the same process.
 */
async function note({ pid, startedAt }: Payload, since: number, desk: Desk): Promise<void> {
  try {
    await desk.save({ kind: 'running', pid, startedAt, since });
  } catch (error) {
    desk.log.line(fileError(error, 'note that the payload runs').diag);
  }
}

async function overLimit(desk: Desk, context: PilotContext, since: number, look: Look) {
  const { settings } = context;
  const { maxWalltime } = desk.job;
  if (maxWalltime !== null && context.now() - since > maxWalltime * 1000) {
    return { code: PILOT_ERROR.outOfTime, diag: `Job reached its longest wall time of ${maxWalltime} s` };
  }
  const stdoutBytes = await sizeOf(desk.stdoutFile);
  if (stdoutBytes > settings.maxStdoutBytes) {
    const diag = `Payload output is larger than ${settings.maxStdoutBytes} bytes: ${stdoutBytes}`;
    return { code: PILOT_ERROR.stdoutTooLarge, diag };
  }
  return spaceError(look.freeMB, settings.freeDiskRunMB);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0; // Removed by the payload: it cannot grow any more that we could read.
  }
}

const TAIL_BYTES = 2048;
const TAIL_LINES = 10;

/** The end of an output for the glance that a heartbeat carries; undefined where there is none. */
function lastLines(tail: string): string | undefined {
  const text = tail.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  return text === '' ? undefined : text;
}
