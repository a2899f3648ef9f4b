import { isFinal, jobErrors, parseJobName, stateOrder } from '../../panda/index.ts';
import type { JobRecord, StateChange } from '../../panda/index.ts';
import { formatDuration, formatTime, keepRenewed, runTime, stateLook } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { failureOf } from '../failure.ts';
import { followJobs } from './followJobs.ts';
import { findHistory } from './lookup.ts';
import { createLogReader, followLog } from './logReader.ts';
import { BrokenPipe } from '../outStream.ts';
import { renderErrors } from '../render/jobDetails.ts';
import { createLinePrinter } from '../render/logLines.ts';
import { cleanLine } from '../render/style.ts';
import { changeShape, errorShape, jobOfRecord, jobShape } from '../shapes.ts';

/** States between looks are asked for only where few jobs are waited for. */
const FEW = 20;

/** Shows the states of jobs as they come, with `follow` the log of the first, until all have ended. */
export async function waitForJobs(
  context: CommandContext,
  connection: Connection,
  pandaIds: readonly number[],
  follow: boolean,
): Promise<ExitCode> {
  const { io, out } = context;
  const teller = createTeller(context, connection, pandaIds.length);
  const tail = follow ? createTail(context, connection) : undefined;
  const renewing = createRenewing(context, connection);
  let trouble = false;
  try {
    const records = await followJobs(connection.client, pandaIds, {
      clock: io.clock,
      signal: io.signal,
      onChange: async (record) => {
        renewing.see(record);
        const isFirst = record.PandaID === pandaIds[0];
        await teller.tell(record, async () => {
          if (!isFirst) return;
          tail?.look(record);
          // What was printed before the end is shown before it.
          if (isFinal(record.jobStatus)) await tail?.end();
        });
      },
      onTrouble: (error) => {
        if (error !== undefined && !trouble) out.note(`${cleanLine(error.message)} Trying again…`);
        trouble = error !== undefined;
      },
    });
    return conclude(records, context);
  } catch (error) {
    if (!io.signal.aborted || io.signal.reason instanceof BrokenPipe) throw error;
    sayHowToGoOn(pandaIds, context);
    return EXIT.interrupted;
  } finally {
    renewing.dispose();
    await tail?.stop();
  }
}

/** Keeps the files of jobs that wait within their reach. */
function createRenewing({ out }: CommandContext, { deps }: Connection) {
  const jobs = new Map<number, string>();
  const renewing = keepRenewed(deps, {
    submissions: () => new Set(jobs.values()),
    note: (id, error) => {
      out.note(`Jobs of submission ${id} may not reach their files when they start.`);
      const { message, advice } = failureOf(error);
      out.note(cleanLine(message));
      out.note(`→ ${cleanLine(advice)}; then desc-panda stage renew ${id}`);
    },
  });
  return {
    see({ PandaID, jobName, jobStatus }: JobRecord): void {
      const id = parseJobName(jobName ?? '')?.submissionId;
      if (id === undefined || isFinal(jobStatus)) jobs.delete(PandaID);
      else jobs.set(PandaID, id);
    },
    dispose: () => renewing.dispose(),
  };
}

/** Prints states once each, in order, with those that passed between two looks where the monitor knows them. */
function createTeller({ io, out }: CommandContext, connection: Connection, count: number) {
  const told = new Map<number, Set<string>>();
  const print = (record: JobRecord, change: StateChange): void => {
    const { PandaID: pandaId } = record;
    const cancelling = record.commandToPilot === 'tobekilled' && !isFinal(change.state);
    const look = stateLook(change.state, cancelling && change.state === record.jobStatus);
    out.event({ event: 'state', pandaId, ...changeShape(change) });
    const job = jobOfRecord(record);
    const ran = isFinal(change.state) ? runTime(job, io.clock.now()) : null;
    const facts = [
      count > 1 ? `${pandaId} ${cleanLine(job.name)}` : '',
      ran === null ? '' : formatDuration(ran),
      change.state === record.jobStatus ? (job.error ?? '') : '',
    ].filter((fact) => fact !== '');
    const word = out.style.paint(cleanLine(`${look.glyph} ${look.word}`), look.ansi);
    out.line(`${formatTime(change.time).slice(11, 19)}  ${[word, ...facts].join('  ')}`);
  };
  const tellOnce = (record: JobRecord, change: StateChange, known: Set<string>): void => {
    const cancelling = record.commandToPilot === 'tobekilled' && change.state === record.jobStatus;
    const mark = cancelling ? `${change.state} cancel` : change.state;
    if (known.has(mark)) return;
    known.add(mark);
    print(record, change);
  };
  return {
    /** `beforeEnd` is called when all is told but a final state. */
    async tell(record: JobRecord, beforeEnd: () => Promise<void>): Promise<void> {
      const known = told.get(record.PandaID) ?? new Set<string>();
      told.set(record.PandaID, known);
      const history =
        count <= FEW ? await findHistory(connection, record.PandaID, io.signal, () => undefined) : null;
      const now: StateChange = {
        state: record.jobStatus,
        subState: record.jobSubStatus,
        time: record.stateChangeTime ?? record.modificationTime ?? io.clock.now(),
        host: record.modificationHost,
      };
      const reached = history?.findLastIndex(({ state }) => state === now.state) ?? -1;
      for (const change of passedStates(history ?? [], known, reached)) tellOnce(record, change, known);
      if (isFinal(record.jobStatus)) await beforeEnd();
      tellOnce(record, history?.[reached] ?? now, known);
      if (!isFinal(record.jobStatus)) await beforeEnd();
    },
  };
}

/** The states before the one at `end` (-1: all) that are news. What lies before one already told is none. */
function passedStates(
  history: readonly StateChange[],
  known: ReadonlySet<string>,
  end: number,
): readonly StateChange[] {
  const begin = history.findLastIndex(({ state }) => known.has(state)) + 1;
  return history.slice(begin, end < 0 ? undefined : end);
}

/** Prints the payload's output beside the states, from when it is there. */
function createTail({ io, out }: CommandContext, { findLog: find }: Connection) {
  const printer = createLinePrinter((line) => out.line(`  ${out.style.dim('│')} ${line}`));
  const cancel = new AbortController();
  const signal = AbortSignal.any([io.signal, cancel.signal]);
  let over = false;
  let running: Promise<void> | undefined;
  const follow = async (record: JobRecord): Promise<void> => {
    const source = find(record);
    if (source === undefined) return;
    const pandaId = record.PandaID;
    const file = 'payload.stdout';
    const write = async (text: string): Promise<void> => {
      out.event({ event: 'log', pandaId, file, text });
      printer.add(text);
      await out.flush();
    };
    await followLog(createLogReader(source, file), {
      write,
      isOver: () => Promise.resolve(over),
      clock: io.clock,
      signal,
    });
    printer.end();
  };
  return {
    look(record: JobRecord): void {
      // Before it runs there is nothing, and what comes then belongs behind that state.
      if (running !== undefined || stateOrder(record.jobStatus) < stateOrder('running')) return;
      if (find(record) === undefined) return;
      running = follow(record).catch((error: unknown) => {
        if (signal.aborted) return;
        out.note(
          `The log cannot be followed: ${error instanceof Error ? cleanLine(error.message) : String(error)}`,
        );
      });
    },
    /** The job has ended: prints what is left. */
    async end(): Promise<void> {
      over = true;
      await running;
    },
    async stop(): Promise<void> {
      cancel.abort();
      await running;
    },
  };
}

function conclude(records: readonly JobRecord[], { out }: CommandContext): ExitCode {
  for (const record of records) {
    if (record.jobStatus === 'failed')
      for (const line of renderErrors(jobErrors(record), out.style)) out.line(line);
    out.event({
      event: 'ended',
      job: jobShape(jobOfRecord(record)),
      errors: jobErrors(record).map(errorShape),
    });
  }
  const finished = records.every((record) => record.jobStatus === 'finished');
  const exitCode = finished ? EXIT.ok : EXIT.jobFailed;
  out.event({ event: 'result', exitCode });
  return exitCode;
}

function sayHowToGoOn(pandaIds: readonly number[], { out }: CommandContext): void {
  const [first] = pandaIds;
  out.progress('');
  out.note(pandaIds.length === 1 ? `Job ${first} goes on.` : `${pandaIds.length} jobs go on.`);
  out.note(
    `→ desc-panda job ${first} shows it, desc-panda logs ${first} --follow its log, desc-panda cancel ${first} ends it`,
  );
}
