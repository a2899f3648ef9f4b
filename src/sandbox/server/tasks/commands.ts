import { ENDED_TASK_STATES } from '../../../panda/index.ts';
import type { KnownTask, TaskStore } from '../store/tasks.ts';
import type { Coded } from './registration.ts';

/** A command as the server gives it to the task engine. */
export type CommandName =
  'kill' | 'finish' | 'retry' | 'incexec' | 'reassign' | 'pause' | 'resume' | 'avalanche' | 'release';

/** The states a command is taken in, or those it is not. */
const RULES: Readonly<
  Record<CommandName, { readonly only: readonly string[] } | { readonly not: readonly string[] }>
> = {
  kill: { not: ENDED_TASK_STATES },
  finish: { not: ENDED_TASK_STATES },
  retry: { only: ['finished', 'failed', 'exhausted'] },
  incexec: { only: ['finished', 'failed', 'aborted', 'done', 'exhausted'] },
  reassign: {
    only: ['defined', 'ready', 'running', 'scouting', 'scouted', 'pending', 'assigning', 'exhausted'],
  },
  pause: { not: ['finished', 'failed', 'done', 'aborted', 'broken', 'paused'] },
  resume: { only: ['paused', 'throttled', 'staging'] },
  avalanche: { only: ['scouting'] },
  release: { only: ['scouting', 'pending', 'running', 'ready', 'assigning', 'defined'] },
};

/** A retry of a user's task at work is one of its failed jobs; the message is then the state. */
export const RETRY_AT_WORK = 5;
const AT_WORK: readonly string[] = ['running', 'scouting', 'pending'];

/** Takes a command down for the engine. To be called within a transaction. */
export function takeCommand(
  tasks: TaskStore,
  jediTaskID: number,
  command: { readonly name: CommandName; readonly comment: string },
  { production, now }: { readonly production: boolean; readonly now: number },
): Coded {
  const task = tasks.task(jediTaskID);
  if (task === undefined) return { code: 2, message: `jediTaskID=${jediTaskID} not found` };
  const refusal = refusalOf(task, command.name, production);
  if (refusal !== undefined) return refusal;
  tasks.update(task, { command: command.name, commandComment: command.comment, commandTime: now }, now);
  const message = `command=${command.name} is registered for task ID ${jediTaskID}. will be executed in a few minutes`;
  return { code: 0, message };
}

function refusalOf(task: KnownTask, name: CommandName, production: boolean): Coded | undefined {
  const { status } = task;
  const rule = RULES[name];
  const isIn = 'only' in rule ? rule.only.includes(status) : !rule.not.includes(status);
  const lacksRole = name === 'retry' && status === 'exhausted' && !production;
  if (isIn && !lacksRole) return undefined;
  if (name === 'retry' && AT_WORK.includes(status) && task.prodSourceLabel === 'user') {
    return { code: RETRY_AT_WORK, message: status };
  }
  const more = lacksRole ? 'and production role is missing' : '';
  const message = `Command rejected: the ${name} command is not accepted if the task is in ${status} status ${more}`;
  return { code: 4, message };
}
