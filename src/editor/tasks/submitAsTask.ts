import { basename } from 'node:path';
import { shellJoin, type JobRequest } from '../../panda/index.ts';
import {
  explainProblems,
  gatherTask,
  TaskFileError,
  type GatheredTask,
  type SubmissionOrigin,
  type TaskSettings,
} from '../../transformations/index.ts';
import {
  checkPlan,
  forgetTask,
  prepareTask,
  resendTask,
  SubmissionError,
  submitTask,
  systemClock,
  type SubmitTaskDeps,
  type TaskNote,
  type TaskProgress,
} from '../../watch/index.ts';
import { NothingToDo } from '../errorText.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';
import { workspaceRecords } from '../submissions/workspaceRecords.ts';
import { confirm, offer } from '../vscode/prompts.ts';
import { withViewProgress } from '../vscode/progress.ts';

/** Jobs that are to be one task. */
export interface TaskPlanAsked {
  readonly name: string;
  readonly requests: Iterable<JobRequest> & { readonly length: number };
  readonly settings: TaskSettings;
  /** The file that is submitted. */
  readonly file: string;
  /** What its record says; undefined where none is kept. */
  readonly origin?: SubmissionOrigin | undefined;
}

const WORDS: Readonly<Record<TaskProgress, string>> = {
  uploading: 'Sending files',
  submitting: 'Submitting the task',
  lookingUp: 'Looking for the task whose answer was lost',
};

export function taskDeps({ client, profile, taskJournal }: Session): SubmitTaskDeps {
  return { client, profile, tasks: taskJournal, clock: systemClock, random: Math.random };
}

/** Submits jobs as one task with the profile in use, and shows it in the tree. */
export async function submitAsTask(asked: TaskPlanAsked, parts: Parts, force = false): Promise<void> {
  let note: TaskNote;
  try {
    note = await withViewProgress(async ({ report, signal }) => {
      const session = await parts.sessions.require({ onProgress: report });
      report('Gathering files');
      const gathered = await gather(asked, signal);
      if (!force) await checkPlan(asked, session, { signal });
      return submitTask({ ...gathered, name: asked.name, cliParams: cliParams(asked) }, taskDeps(session), {
        onProgress: (phase) => report(WORDS[phase]),
        onBegin: async (begun) => {
          if (asked.origin === undefined) return;
          await workspaceRecords(parts).begin(asked.origin, { ...begun, jobs: jobsOf(asked) });
        },
      });
    });
  } catch (error) {
    if (!(error instanceof SubmissionError) || !error.canForce || force) throw error;
    if (await confirm(error.message, 'Submit anyway', `${error.advice}.`))
      await submitAsTask(asked, parts, true);
    return;
  }
  await showTask(note, parts);
}

/** How many jobs are asked for: files that are shared out may become more or fewer. */
function jobsOf({ requests, settings: { jobs = 1 } }: TaskPlanAsked): number {
  return requests.length * jobs;
}

/** Shows a task that was just submitted, or asks about one of unknown fate. */
async function showTask(note: TaskNote, parts: Parts): Promise<void> {
  const { outcome, name } = note;
  const session = parts.sessions.current;
  if (session !== undefined) await takeInTask(note, session, parts);
  if (outcome.kind === 'accepted') await parts.jobsView.revealTask(outcome.taskId);
  if (outcome.kind === 'unknown') askAboutTask(note, `${name} may or may not be a task now.`, parts);
}

/** Brings a task that PanDA took into the tree and its record, and watches for its end. */
export async function takeInTask(note: TaskNote, session: Session, parts: Parts): Promise<void> {
  const { id, name, profile, outcome } = note;
  if (outcome.kind !== 'accepted') return;
  session.tasks.submitted(note);
  parts.endNotices.watch({ submissionId: id, name, profile, count: 0, taskId: outcome.taskId });
  await workspaceRecords(parts).updateTask(note);
}

/** Tells of a task whose fate nobody knows, and offers what its user can do. */
export function askAboutTask({ id, outcome }: TaskNote, text: string, parts: Parts): void {
  const why = outcome.kind === 'unknown' ? ` ${outcome.reason}` : '';
  const actions = {
    'Send again': async () => {
      const session = await parts.sessions.require();
      await showTask(await withViewProgress(() => resendTask(id, taskDeps(session))), parts);
    },
    Forget: async () => {
      await forgetTask(id, taskDeps(await parts.sessions.require()));
    },
  };
  offer('warning', `${text}${why}`, actions, parts.errors.show);
}

/** Exactly what would be sent, to be read. */
export async function taskPreview(asked: TaskPlanAsked, session: Session): Promise<string> {
  const gathered = await withViewProgress(({ signal }) => gather(asked, signal));
  const task = { ...gathered, name: asked.name, cliParams: cliParams(asked) };
  const { parameters, archive } = prepareTask(task, taskDeps(session));
  const { name: profile, server } = session.profile;
  const preview = {
    ...{ profile, server, name: asked.name, parameters },
    archive: {
      name: archive.name,
      bytes: archive.content.length,
      files: gathered.files.map(({ name, size }) => ({ name, bytes: size })),
    },
    leftOut: gathered.leftOut,
  };
  return `${JSON.stringify(preview, undefined, 2)}\n`;
}

async function gather({ requests, settings }: TaskPlanAsked, signal: AbortSignal): Promise<GatheredTask> {
  try {
    const result = await gatherTask(requests, settings, signal);
    if (result.kind === 'task') return result.task;
    throw new NothingToDo(explainProblems(result.problems));
  } catch (error) {
    if (error instanceof TaskFileError) throw new NothingToDo(`${error.message}.`);
    throw error;
  }
}

function cliParams({ file }: TaskPlanAsked): string {
  return shellJoin(['desc-panda', 'submit', basename(file), '--as-task']);
}
