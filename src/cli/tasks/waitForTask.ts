import { isFinalTask, PandaError } from '../../panda/index.ts';
import type { TaskDetails, TaskState } from '../../panda/index.ts';
import { describeCounts, formatTime, taskLook, waitFor } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { BrokenPipe } from '../outStream.ts';
import { cleanLine } from '../render/style.ts';
import { isoTime } from '../shapes.ts';

/** Between looks, ms: as a task changes slowly, more and more. */
const SHORTEST = 500;
const LONGEST = 30_000;
/** Trouble that lasts longer than this (ms) ends the wait. */
const PATIENCE = 600_000;

/** Shows the states of a task as they come, until nothing happens any more by itself. */
export async function waitForTask(
  context: CommandContext,
  connection: Connection,
  taskId: number,
): Promise<ExitCode> {
  const { io, out } = context;
  try {
    return await look(context, connection, taskId);
  } catch (error) {
    if (!io.signal.aborted || io.signal.reason instanceof BrokenPipe) throw error;
    out.progress('');
    out.note(`Task ${taskId} goes on.`);
    out.note(`→ desc-panda task ${taskId} shows it, desc-panda task kill ${taskId} ends it`);
    return EXIT.interrupted;
  }
}

async function look(context: CommandContext, { client }: Connection, taskId: number): Promise<ExitCode> {
  const { io, out } = context;
  let told: string | undefined;
  let wait = SHORTEST;
  let troubleSince: number | undefined;
  for (;;) {
    try {
      const details = await client.tasks.getDetails(taskId, { withState: true, signal: io.signal });
      troubleSince = undefined;
      const text = JSON.stringify([details?.state, details?.inputs]);
      wait = text === told ? Math.min(LONGEST, wait * 1.5) : SHORTEST;
      if (text !== told) tell(context, taskId, details);
      told = text;
      const state = details?.state ?? '';
      if (isOver(state)) return end(context, taskId, state);
    } catch (error) {
      if (!(error instanceof PandaError) || !mayPass(error)) throw error;
      troubleSince ??= io.clock.now();
      if (io.clock.now() - troubleSince > PATIENCE) throw error;
      out.progress(`${cleanLine(error.message)} Trying again…`);
      wait = Math.min(LONGEST, wait * 1.5);
    }
    await waitFor(io.clock, wait, io.signal);
  }
}

/** Nothing happens any more by itself. */
function isOver(state: TaskState): boolean {
  return isFinalTask(state) || state === 'exhausted';
}

function mayPass(error: PandaError): boolean {
  return error.kind === 'unreachable' || error.passing;
}

function tell({ io, out }: CommandContext, taskId: number, details: TaskDetails | null): void {
  const state = details?.state ?? null;
  if (details === null || state === null) {
    out.progress('Waits for PanDA to take the task up…');
    return;
  }
  const { inputs } = details;
  const now = io.clock.now();
  out.event({ event: 'task', taskId, state, inputs, time: isoTime(now) });
  const { glyph, word, ansi } = taskLook(state);
  const shown = out.style.paint(cleanLine(`${glyph} ${word}`), ansi);
  const parts = [shown, describeCounts(inputs)].filter((part) => part !== '');
  out.line(`${formatTime(now).slice(11, 19)}  ${parts.join('  ')}`);
}

function end({ out }: CommandContext, taskId: number, state: TaskState): ExitCode {
  const exitCode = state === 'done' ? EXIT.ok : EXIT.jobFailed;
  out.event({ event: 'result', exitCode });
  if (exitCode !== EXIT.ok) out.note(`→ desc-panda task ${taskId} shows why`);
  return exitCode;
}
