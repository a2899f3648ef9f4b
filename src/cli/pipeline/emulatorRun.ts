import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { EmulatorError, openEmulator, parseVariables } from '../../pipeline/index.ts';
import type { Emulator, PipelineSnapshot, SimulatedJobs } from '../../pipeline/index.ts';
import type { CommandContext } from '../command.ts';
import { connectDaemon, startOwnDaemon } from './emulatorDaemon.ts';
import type { DaemonInUse } from './emulatorDaemon.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { instanceTable, isGoodEnd, sumLine } from '../render/pipelineTable.ts';
import { pipelineReport } from '../render/pipelineReport.ts';
import { controlPipeline } from './controlPipeline.ts';
import { showPipeline } from './showPipeline.ts';
import { UsageError } from '../usageError.ts';

export interface DaemonAddress {
  readonly host: string;
  readonly port: number;
}

/** What the command line asks for. */
export interface EmulatorPlan {
  /** Absolute. */
  readonly file: string;
  readonly xml: string;
  readonly streams: number;
  readonly task: string | undefined;
  readonly define: string;
  /** Undefined: one is started. */
  readonly daemon: DaemonAddress | undefined;
  readonly service: string | undefined;
  /** Of the sandbox, where one is used; undefined: the usual one. */
  readonly sandboxFolder: string | undefined;
  readonly maxJobs: number;
  readonly pollMs: number;
  readonly smtpPort: number;
  /** Undefined: a new one. */
  readonly folder: string | undefined;
  /** Undefined: nothing; empty: what did not end well. */
  readonly rollback: readonly number[] | undefined;
  /** Obeys standard input, and prints each change. */
  readonly control: boolean;
  readonly cancel: boolean;
  readonly report: string | undefined;
  readonly simulated?: SimulatedJobs;
  readonly substreams?: number;
}

/** A job that has ended may be without its end mail for so long (ms). */
const LOST_MS = 120_000;

/** Runs a task to its end, and shows it. The exit code says whether every process instance ended well. */
export async function runEmulator(plan: EmulatorPlan, context: CommandContext): Promise<ExitCode> {
  const { io, out } = context;
  const folder = plan.folder ?? (await mkdtemp(join(tmpdir(), 'desc-panda-pipeline-')));
  const emulator = await open(plan, folder, context);
  try {
    return await runOpened(emulator, plan, folder, context);
  } catch (error) {
    if (io.signal.aborted) {
      out.note(`The run is kept in ${folder}.`);
      out.note(`→ desc-panda pipeline-emulator run … --state ${folder} goes on with it`);
    }
    throw error;
  } finally {
    await emulator.close();
  }
}

async function open(plan: EmulatorPlan, folder: string, { io }: CommandContext): Promise<Emulator> {
  try {
    return await openEmulator({
      xml: plan.xml,
      ...(plan.task === undefined ? {} : { task: plan.task }),
      folder,
      streams: Array.from({ length: plan.streams }, (_, index) => index + 1),
      // So that a task can name files that lie beside it.
      variables: { TASK_FOLDER: dirname(plan.file), ...parseVariables(plan.define) },
      smtpPort: plan.smtpPort,
      maxJobs: plan.maxJobs,
      pollMs: plan.pollMs,
      lostMs: LOST_MS,
      ...(plan.simulated === undefined ? {} : { simulated: plan.simulated }),
      ...(plan.substreams === undefined ? {} : { substreams: plan.substreams }),
      clock: io.clock,
    });
  } catch (error) {
    throw asUsageError(error);
  }
}

async function rollBack(emulator: Emulator, keys: readonly number[]): Promise<void> {
  try {
    await emulator.rollBack(keys.length === 0 ? undefined : keys);
  } catch (error) {
    throw asUsageError(error);
  }
}

function asUsageError(error: unknown): unknown {
  return error instanceof EmulatorError ? new UsageError(`${error.message}.`, error.advice) : error;
}

async function runOpened(
  emulator: Emulator,
  plan: EmulatorPlan,
  folder: string,
  context: CommandContext,
): Promise<ExitCode> {
  const { io, out } = context;
  if (plan.rollback !== undefined) await rollBack(emulator, plan.rollback);
  if (plan.cancel) await emulator.cancel();
  const daemon = await daemonFor(emulator, plan, folder, context);
  const started = io.clock.now();
  const mails = `127.0.0.1:${emulator.smtpPort}`;
  out.note(`Jobs go to ${daemon.where}; mails come to ${mails}; the run is kept in ${folder}.`);
  const alone = new AbortController();
  const view = plan.control
    ? controlPipeline(emulator, context, () => alone.abort())
    : showPipeline(emulator, context);
  try {
    await emulator.run(daemon.remote, AbortSignal.any([io.signal, alone.signal]));
  } finally {
    view.dispose();
    await writeReport(plan, emulator.snapshot(), daemon.where, started, io.clock.now());
    await daemon.close();
  }
  const end = emulator.snapshot();
  for (const line of instanceTable(end, { style: out.style, width: out.width })) out.line(line);
  for (const note of end.notes) out.note(note);
  out.line(sumLine(end, out.style));
  if (!plan.control) out.result({ ...end, folder, daemon: daemon.where, good: isGoodEnd(end) });
  return isGoodEnd(end) ? EXIT.ok : EXIT.jobFailed;
}

function daemonFor(
  emulator: Emulator,
  { daemon, service, file, sandboxFolder }: EmulatorPlan,
  folder: string,
  context: CommandContext,
): Promise<DaemonInUse> {
  if (daemon !== undefined) return connectDaemon(daemon, service, context.io.signal);
  const { smtpPort, fromAddress, toAddress, workFolder } = emulator;
  return startOwnDaemon(
    {
      ...{ folder: join(folder, 'daemon'), roots: [workFolder, dirname(file)], sandboxFolder },
      ...{ smtpPort, fromAddress, toAddress },
    },
    context,
  );
}

async function writeReport(
  { report, file }: EmulatorPlan,
  snapshot: PipelineSnapshot,
  daemon: string,
  started: number,
  ended: number,
): Promise<void> {
  if (report === undefined) return;
  const facts = { file, daemon, started, ended };
  const text =
    extname(report) === '.json'
      ? `${JSON.stringify({ ...facts, good: isGoodEnd(snapshot), ...snapshot }, null, 2)}\n`
      : pipelineReport(snapshot, facts);
  await writeFile(report, text);
}
