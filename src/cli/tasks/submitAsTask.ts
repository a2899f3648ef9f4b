import { basename } from 'node:path';
import { shellJoin } from '../../panda/index.ts';
import { explainProblems, gatherTask, TaskFileError } from '../../transformations/index.ts';
import type { GatheredTask, TaskSettings } from '../../transformations/index.ts';
import { checkPlan, prepareTask, submitTask } from '../../watch/index.ts';
import type { NewTask, TaskProgress } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { noteBegun, noteTask } from '../submit/keepRecord.ts';
import type { AskedPlan } from '../submit/plan.ts';
import { cleanLine } from '../render/style.ts';
import { renderTaskDryRun } from '../render/taskDryRun.ts';
import { noteShape } from './shapes.ts';
import { UsageError } from '../usageError.ts';
import { waitForTask } from './waitForTask.ts';

const WORDS: Readonly<Record<TaskProgress, string>> = {
  uploading: 'Sending files…',
  submitting: 'Submitting…',
  lookingUp: 'The answer was lost: looking for the task by name…',
};

/** Submits a plan as one task, or shows what would be sent. */
export async function submitAsTask(
  context: CommandContext,
  connection: Connection,
  plan: AskedPlan,
  settings: TaskSettings,
): Promise<ExitCode> {
  const { args, io, out } = context;
  if (args.flag('follow')) {
    throw new UsageError('The log of a task cannot be followed: its jobs have logs.', 'Use --wait');
  }
  out.progress('Gathering files…');
  const gathered = await gather(plan, settings, io.signal);
  const task = { ...gathered, name: plan.name, cliParams: commandLine(context) };
  if (!args.flag('force')) await checkPlan(plan, connection, { signal: io.signal });
  if (args.flag('dry-run')) return dryRun(context, connection, task, gathered);
  const note = await submitTask(task, connection.deps, {
    signal: io.signal,
    onProgress: (phase) => out.progress(WORDS[phase]),
    onBegin: (begun) => noteBegun(context, plan, { ...begun, jobs: jobsOf(plan, settings) }),
  });
  out.progress('');
  await noteTask(context, note);
  const { outcome } = note;
  const waits = args.flag('wait') && outcome.kind === 'accepted' && !io.signal.aborted;
  if (waits) out.event({ event: 'submitted', task: noteShape(note) });
  else out.result(noteShape(note));
  if (outcome.kind !== 'accepted') {
    const why = outcome.kind === 'unknown' ? ` ${cleanLine(outcome.reason)}` : '';
    out.note(`The task ${cleanLine(plan.name)} may or may not exist.${why}`);
    out.note(`→ desc-panda tasks looks again; desc-panda task resend|forget ${note.id}`);
    return io.signal.aborted ? EXIT.interrupted : EXIT.unknownOutcome;
  }
  const site = cleanLine(task.site ?? connection.profile.defaultSite ?? 'PanDA chooses the site');
  out.line(`${cleanLine(plan.name)} → ${site} (profile ${connection.profile.name})`);
  out.line(`Submitted as task ${outcome.taskId}.`);
  return waits ? waitForTask(context, connection, outcome.taskId) : EXIT.ok;
}

/** How many jobs are asked for: files that are shared out may become more or fewer. */
function jobsOf({ requests }: AskedPlan, { jobs = 1 }: TaskSettings): number {
  return requests.length * jobs;
}

async function gather(plan: AskedPlan, settings: TaskSettings, signal: AbortSignal): Promise<GatheredTask> {
  try {
    const result = await gatherTask(plan.requests, settings, signal);
    if (result.kind === 'task') return result.task;
    throw new UsageError(explainProblems(result.problems), 'Mend it and submit again');
  } catch (error) {
    if (error instanceof TaskFileError) {
      throw new UsageError(`${error.message}.`, 'Look at the file and submit again');
    }
    if (error instanceof Error && 'code' in error && 'path' in error) {
      throw new UsageError(
        `${String(error.path)} cannot be read (${String(error.code)}).`,
        'Name another folder',
      );
    }
    throw error;
  }
}

/** As the task shows how it was asked for. */
function commandLine({ args }: CommandContext): string {
  const [file] = args.positionals;
  const own = ['submit', file === undefined ? '--hello' : basename(file), '--as-task'];
  return shellJoin(['desc-panda', ...own, ...(args.rest === undefined ? [] : ['--', ...args.rest])]);
}

function dryRun(
  { out }: CommandContext,
  { profile, deps }: Connection,
  task: NewTask,
  { files, leftOut }: GatheredTask,
): ExitCode {
  out.progress('');
  const prepared = prepareTask(task, deps);
  const { id, parameters, archive } = prepared;
  const { name, content } = archive;
  out.result({
    dryRun: true,
    profile: profile.name,
    server: profile.server,
    id,
    name: task.name,
    parameters,
    archive: { name, size: content.length, files },
    leftOut,
  });
  for (const line of renderTaskDryRun(prepared, { files, leftOut }, profile.server, out.style))
    out.line(line);
  return EXIT.ok;
}
