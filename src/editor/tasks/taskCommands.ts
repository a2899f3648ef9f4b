import * as vscode from 'vscode';
import { takesCommand, type TaskCommand } from '../../panda/index.ts';
import { commandTask, plural, type Task, type TaskOrder } from '../../watch/index.ts';
import { commands, type CommandId } from '../contributions.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { errorText, NothingToDo } from '../errorText.ts';
import { linkText } from '../links/jobLink.ts';
import type { Parts } from '../parts.ts';
import { confirm, offer } from '../vscode/prompts.ts';
import { withViewProgress } from '../vscode/progress.ts';
import { tasksFor } from './pickTasks.ts';
import { readChanges } from './readChanges.ts';

interface Offered {
  readonly id: CommandId;
  readonly command: TaskCommand;
  readonly title: string;
  /** What is asked first: the button, and what comes of it. */
  readonly warning?: { readonly button: string; readonly detail: string };
  /** Asks for what goes with the command; undefined when the user leaves. */
  readonly order: () => Promise<TaskOrder | undefined> | TaskOrder;
}

const OFFERED: readonly Offered[] = [
  {
    id: commands.killTask,
    command: 'kill',
    title: 'Kill task',
    warning: { button: 'Kill task', detail: 'Its jobs end, and what they computed is lost.' },
    order: () => ({ command: 'kill' }),
  },
  {
    id: commands.finishTask,
    command: 'finish',
    title: 'Finish task',
    warning: { button: 'Finish task', detail: 'It ends with what is done. Jobs that run are killed.' },
    order: () => ({ command: 'finish', soft: false }),
  },
  {
    id: commands.killUnfinishedJobs,
    command: 'killUnfinishedJobs',
    title: 'Kill unfinished jobs',
    warning: {
      button: 'Kill unfinished jobs',
      detail: 'What they computed is lost; the task makes new attempts.',
    },
    order: () => ({ command: 'killUnfinishedJobs' }),
  },
  { id: commands.retryTask, command: 'retry', title: 'Retry task', order: () => ({ command: 'retry' }) },
  {
    id: commands.retryTaskWith,
    command: 'retryWithNewParameters',
    title: 'Retry task with other parameters',
    order: askChanges,
  },
  {
    id: commands.reloadTaskInput,
    command: 'reloadInput',
    title: 'Reload input',
    order: () => ({ command: 'reloadInput' }),
  },
  {
    id: commands.increaseAttempts,
    command: 'increaseAttempts',
    title: 'Increase attempts',
    order: askIncrease,
  },
  { id: commands.pauseTask, command: 'pause', title: 'Pause task', order: () => ({ command: 'pause' }) },
  { id: commands.resumeTask, command: 'resume', title: 'Resume task', order: () => ({ command: 'resume' }) },
];

/** What a command does with tasks. */
export async function runTaskCommand(
  id: CommandId,
  args: readonly unknown[],
  parts: Parts,
  documents: TextDocuments,
): Promise<void> {
  const offered = OFFERED.find((one) => one.id === id);
  if (offered !== undefined) return give(offered, args, parts);
  switch (id) {
    case commands.showTaskParameters:
      return showParameters(args, parts, documents);
    case commands.openTaskInMonitor:
      return openInMonitor(args, parts);
    case commands.copyTaskId:
      return copy(args, parts, 'Copy task ID', ({ taskId }) => String(taskId));
    case commands.copyTaskLink: {
      const { profile } = await parts.sessions.require();
      return copy(args, parts, 'Copy link to task', ({ taskId }) =>
        linkText(vscode.env.uriScheme, { kind: 'task', id: taskId, profile: profile.name }),
      );
    }
    default:
      throw new Error(`${id} is no command for tasks`);
  }
}

async function give(offered: Offered, args: readonly unknown[], parts: Parts): Promise<void> {
  const { command, title, warning } = offered;
  const tasks = await tasksFor(args, parts, {
    title,
    fits: ({ state }) => state !== null && takesCommand(state, command),
    none: `${title}: there is no task whose state takes that.`,
  });
  if (tasks === undefined) return;
  const order = await offered.order();
  if (order === undefined) return;
  if (warning !== undefined) {
    const named =
      tasks.length === 1 ? `${tasks[0]?.label} (${tasks[0]?.taskId})` : plural(tasks.length, 'task');
    if (!(await confirm(`${title}: ${named}?`, warning.button, warning.detail))) return;
  }
  await withViewProgress(async ({ signal }) => {
    const session = await parts.sessions.require();
    for (const task of tasks) {
      try {
        await commandTask(task.taskId, order, session.client, signal);
      } catch (error) {
        const text = errorText(error);
        if (text === undefined || tasks.length === 1) throw error;
        offer('warning', `${task.label}: ${text.message}`, {}, parts.errors.show);
      }
    }
    void vscode.window.setStatusBarMessage(`${title}: PanDA does so within minutes`, 5000);
    session.tasks.commanded(tasks.map(({ taskId }) => taskId));
    await session.tasks.refresh();
    await session.poller.refresh('asked a task');
  });
}

async function askChanges(): Promise<TaskOrder | undefined> {
  const text = await vscode.window.showInputBox({
    title: 'Retry task with other parameters',
    prompt: 'NAME=VALUE, with blanks between several; null takes a parameter away',
    placeHolder: 'ramCount=4000 site=BNL-LSST',
    ignoreFocusOut: true,
    validateInput: (value) => {
      const changes = readChanges(value);
      return typeof changes === 'string' ? changes : undefined;
    },
  });
  if (text === undefined) return undefined;
  const parameters = readChanges(text);
  return typeof parameters === 'string' ? undefined : { command: 'retryWithNewParameters', parameters };
}

const MOST_ATTEMPTS = 50;

async function askIncrease(): Promise<TaskOrder | undefined> {
  const text = await vscode.window.showInputBox({
    title: 'Increase attempts',
    prompt: 'So many attempts more for each input',
    value: '1',
    validateInput: (value) =>
      /^\d{1,2}$/u.test(value.trim()) && Number(value) >= 1 && Number(value) <= MOST_ATTEMPTS
        ? undefined
        : `A whole number from 1 to ${MOST_ATTEMPTS}`,
  });
  return text === undefined ? undefined : { command: 'increaseAttempts', increase: Number(text) };
}

const anyTask = { fits: () => true, none: 'There are no tasks yet.' };

async function oneTask(args: readonly unknown[], parts: Parts, title: string): Promise<Task | undefined> {
  return (await tasksFor(args, parts, { ...anyTask, title }))?.[0];
}

async function showParameters(
  args: readonly unknown[],
  parts: Parts,
  documents: TextDocuments,
): Promise<void> {
  const task = await oneTask(args, parts, 'Show parameters');
  if (task === undefined) return;
  const { taskId, label } = task;
  const parameters = await withViewProgress(async ({ signal }) => {
    const { client } = await parts.sessions.require();
    return client.tasks.getTaskParameters(taskId, { signal });
  });
  if (parameters === null) throw new NothingToDo(`PanDA does not know task ${taskId}, or not yet.`);
  await documents.show(`${label} ${taskId}.json`, `${JSON.stringify(parameters, undefined, 2)}\n`);
}

async function openInMonitor(args: readonly unknown[], parts: Parts): Promise<void> {
  const { client, profile } = await parts.sessions.require();
  if (client.monitor === undefined) throw new NothingToDo(`The profile ${profile.name} names no monitor.`);
  const task = await oneTask(args, parts, 'Open task in monitor');
  if (task !== undefined)
    await vscode.env.openExternal(vscode.Uri.parse(client.monitor.taskUrl(task.taskId)));
}

async function copy(
  args: readonly unknown[],
  parts: Parts,
  title: string,
  textOf: (task: Task) => string,
): Promise<void> {
  const tasks = await tasksFor(args, parts, { ...anyTask, title });
  if (tasks === undefined) return;
  await vscode.env.clipboard.writeText(tasks.map(textOf).join('\n'));
  void vscode.window.setStatusBarMessage(`${title}: ${tasks.map(({ taskId }) => taskId).join(', ')}`, 3000);
}
